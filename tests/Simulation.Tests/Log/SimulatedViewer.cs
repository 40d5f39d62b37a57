using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>Someone who looks on: applies the next event only, drops what it has, and reads what it lacks.</summary>
internal sealed class SimulatedViewer(LogWorld world)
{
    private readonly SimulatedLog _log = new(world);
    private bool _isReading;
    private bool _readAgain;

    public List<LoggedEvent> Applied { get; } = [];

    public void OnEvents(IEnumerable<LoggedEvent> events)
    {
        foreach (var logged in events)
        {
            if (world.Mutation == LogMutation.NoOrder || logged.Seq == Applied.Count + 1) Applied.Add(logged);
            else if (logged.Seq > Applied.Count) OnLost();
            else if (Applied[(int)logged.Seq - 1].Hash != logged.Hash) throw new SimulationFailedException($"A viewer was told two events {logged.Seq}: the log has forked.");
        }
    }

    /// <summary>Something may be missing.</summary>
    public void OnLost()
    {
        if (world.Mutation == LogMutation.NoResume) return;
        _readAgain = true;
        if (_isReading) return;
        _isReading = true;
        _ = world.Scheduler.Run(ReadAsync);
    }

    private async Task ReadAsync()
    {
        world.Counts.Resumes++;
        while (_readAgain)
        {
            _readAgain = false;
            while (await _log.ReadAsync(LogWorld.Owner, Applied.Count, 5) is { Count: > 0 } events) OnEvents(events.Where(logged => logged.Seq == Applied.Count + 1 || logged.Seq <= Applied.Count));
        }

        _isReading = false;
    }
}
