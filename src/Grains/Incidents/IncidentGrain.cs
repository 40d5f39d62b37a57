using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Operations;
using Warroom.Persistence;
using Warroom.Streams;

namespace Warroom.Incidents;

/// <summary>An incident: decides by <see cref="IncidentRules"/>, stores through <see cref="PipelinedLog{TState}"/>, publishes what is committed.</summary>
/// <remarks>Reentrant, so that many commands may be on their way to the disk at once. Safe because it keeps its state in the pipelined log alone, whose remarks hold the proof.</remarks>
[Reentrant]
public sealed class IncidentGrain(IGrainLog<IncidentState> storage, TimeProvider time, IncidentMetrics metrics, ILogger<IncidentGrain> logger) : OperableGrain, IIncidentGrain
{
    private Guid _id;
    private PipelinedLog<IncidentState> _log = null!;
    private IAsyncStream<IncidentUpdate> _updates = null!;
    private IAsyncStream<IncidentSummary> _summaries = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = this.GetPrimaryKey();
        var streams = this.GetStreamProvider(WarroomStreams.Provider);
        _updates = streams.GetStream<IncidentUpdate>(WarroomStreams.Incident(_id));
        _summaries = streams.GetStream<IncidentSummary>(WarroomStreams.Incidents);
        _log = new(_id, "incident", storage, PublishAsync, logger);
        await _log.LoadAsync(cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _log?.DrainAsync(cancellationToken) ?? Task.CompletedTask;

    public Task<IncidentAck> OpenAsync(OpenIncident command, CancellationToken cancellationToken = default) =>
        StoreAsync(command.OperationId, state => IncidentRules.Open(state, command, time.GetUtcNow()));

    public Task<IncidentAck> ChangeAsync(ChangeIncident command, CancellationToken cancellationToken = default) =>
        StoreAsync(command.OperationId, state => IncidentRules.Change(state, command, time.GetUtcNow()));

    public Task<IncidentAck> PostAsync(PostEntry command, CancellationToken cancellationToken = default) =>
        StoreAsync(command.OperationId, state => IncidentRules.Post(state, command, time.GetUtcNow()));

    public Task<IncidentAck> LinkServicesAsync(LinkServices command, CancellationToken cancellationToken = default) =>
        StoreAsync(command.OperationId, state => IncidentRules.Link(state, command, time.GetUtcNow()));

    public Task<IncidentAck> RecordAlertAsync(RecordAlert command, CancellationToken cancellationToken = default) =>
        StoreAsync(command.OperationId, state => IncidentRules.RecordAlert(state, command, time.GetUtcNow()));

    public Task<IncidentView?> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(_log.State?.ToView());

    // Not cancelled with its caller: once handed over it is stored, and the answer is whether it was.
    private async Task<IncidentAck> StoreAsync(Guid operationId, Func<IncidentState?, IncidentDecision> rule)
    {
        var decision = IncidentDecision.Unchanged;
        LogResult<IncidentState> result;
        try
        {
            result = await _log.AppendAsync(operationId, state => IncidentEvents.ToLog(_id, state, decision = rule(state)));
        }
        catch (DomainException refusal)
        {
            metrics.Refused(refusal.ErrorCode);
            throw;
        }

        if (!result.Repeated)
            metrics.Stored(decision);
        return new() { Seq = result.Seq, Repeated = result.Repeated, Incident = result.State.ToView() };
    }

    private Task PublishAsync(LogCommit<IncidentState> commit) => Task.WhenAll(
        _updates.OnNextAsync(new() { IncidentId = _id, Events = commit.Events, Incident = commit.State.ToView() }),
        _summaries.OnNextAsync(commit.State.ToSummary()));
}
