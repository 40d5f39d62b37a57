using Microsoft.Extensions.Logging.Abstractions;
using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>An activation with the product's <see cref="PipelinedLog{TState}"/>. It may be the owner, or believe to be.</summary>
internal sealed class SimulatedActivation
{
    private readonly LogWorld _world;
    private readonly PipelinedLog<Tally> _log;

    public SimulatedActivation(LogWorld world, int number)
    {
        _world = world;
        Number = number;
        _log = new PipelinedLog<Tally>(LogWorld.Owner, "tally", new SimulatedLog(world), PublishAsync, NullLogger.Instance);
    }

    public int Number { get; }

    public bool IsGone { get; private set; }

    public Task LoadAsync() => _log.LoadAsync();

    public async Task<LogResult<Tally>> AppendAsync(Guid operationId, string body)
    {
        try
        {
            return await _log.AppendAsync(operationId, Tally.Add(body));
        }
        catch (Orleans.Storage.InconsistentStateException)
        {
            _world.OnFenced(this);
            throw;
        }
    }

    /// <summary>What a reader sees here.</summary>
    public Tally? Read() => _log.State;

    public void Kill() => IsGone = true;

    private async Task PublishAsync(LogCommit<Tally> commit)
    {
        await _world.Scheduler.Delay(_world.Random.Next(3));
        if (!IsGone) _world.Publish(commit);
    }
}
