using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Models;
using Warroom.Operations;
using Warroom.Persistence;
using Warroom.Streams;

namespace Warroom.Bots;

/// <summary>A conversation with a bot: decides by <see cref="SessionRules"/>, stores through <see cref="PipelinedLog{TState}"/>, publishes what is committed and tokens as they come.</summary>
/// <remarks>
/// Reentrant, so that a reply that runs, or a write on its way to the disk, holds nobody up. Safe because the session's state is kept in the pipelined log alone, whose remarks hold the proof, and
/// the reply in flight in one <see cref="ReplyRun"/>, which is changed between awaits only. A reply is begun by whoever first sees it committed and no run for it (<see cref="EnsureRunning"/>), so a command whose
/// outcome was unknown for a while loses none.
/// </remarks>
[Reentrant]
public sealed partial class BotSessionGrain(
    IGrainLog<SessionState> storage,
    IModelClients models,
    IOptions<BotSessionOptions> options,
    BotMetrics metrics,
    TimeProvider time,
    ILogger<BotSessionGrain> logger) : OperableGrain, IBotSessionGrain, IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private CancellationToken _closingToken;
    private Guid _id;
    private PipelinedLog<SessionState> _log = null!;
    private IAsyncStream<SessionUpdate> _updates = null!;
    private ReplyRun? _run;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _closingToken = _closing.Token;
        _id = this.GetPrimaryKey();
        _updates = this.GetStreamProvider(WarroomStreams.Provider).GetStream<SessionUpdate>(WarroomStreams.Session(_id));
        _log = new(_id, "session", storage, PublishAsync, logger);
        await _log.LoadAsync(cancellationToken);
        if (_log.State?.Live is not { } cut)
            return;

        // Nobody runs it any more: had its activation ended in order, the row would have no reply in flight.
        var ended = SessionRules.Interrupted(cut, time.GetUtcNow());
        await _log.AppendAsync(state => SessionRules.End(state, ended).ToLog(_id, state));
        LogInterrupted(_id, cut.ReplyId);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        if (_run is { } run)
        {
            await run.CutAsync(ReplyCut.Deactivating);
            await run.Ended.Task.WaitAsync(cancellationToken);
        }

        if (_log is not null)
            await _log.DrainAsync(cancellationToken);
    }

    /// <summary>For the runtime, after the activation's end.</summary>
    public void Dispose()
    {
        _closing.Dispose();
        _run?.Dispose();
    }

    public async Task<SessionAck> StartAsync(StartSession command, CancellationToken cancellationToken = default)
    {
        if (await GrainFactory.GetGrain<IBotGrain>(CheckedBotId(command.BotId)).GetAsync(cancellationToken) is null)
            throw BotRules.NotFound();
        return await StoreAsync(command.OperationId, state => SessionRules.Start(state, command, time.GetUtcNow()));
    }

    public async Task<SessionAck> SendAsync(SendMessage command, CancellationToken cancellationToken = default)
    {
        var bot = await FindBotAsync(cancellationToken);
        var replyId = NewReplyId();
        return await StoreAsync(command.OperationId, state => SessionRules.Send(state, command, bot, replyId, time.GetUtcNow()));
    }

    public async Task<SessionAck> RegenerateAsync(ReplyCommand command, CancellationToken cancellationToken = default)
    {
        var bot = await FindBotAsync(cancellationToken);
        var replyId = NewReplyId();
        return await StoreAsync(command.OperationId, state => SessionRules.Regenerate(state, command, bot, replyId, time.GetUtcNow()));
    }

    public async Task<SessionAck> ContinueAsync(ReplyCommand command, CancellationToken cancellationToken = default)
    {
        var bot = await FindBotAsync(cancellationToken);
        var replyId = NewReplyId();
        var last = _log.State?.LastReply is { } mark ? (await ReadTailAsync(cancellationToken)).LastOrDefault(message => message.Id == mark.ReplyId) : null;
        var text = (last?.Id ?? Guid.Empty, last?.Text ?? "");
        return await StoreAsync(command.OperationId, state => SessionRules.Continue(state, command, bot, replyId, text, time.GetUtcNow()));
    }

    public async Task<SessionAck> StopReplyAsync(ReplyCommand command, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        var mine = false;
        if (_log.State is { Live: not null } state && SessionRules.Stop(state, command).Refusal is null && _run is { } run)
        {
            await run.CutAsync(ReplyCut.Stopped, command);
            await run.Ended.Task;
            mine = ReferenceEquals(run.StoppedBy, command);
        }

        // The run has stored the end under this operation; the log finds it, also for a resend. If it ended otherwise, there is nothing to stop.
        var ack = await StoreAsync(command.OperationId, state => SessionRules.Stop(state, command));
        return mine ? ack with { Repeated = false } : ack;
    }

    public Task<SessionView?> GetAsync(CancellationToken cancellationToken = default)
    {
        var state = _log.State;
        EnsureRunning();
        return Task.FromResult(state is null ? null : View(state));
    }

    // Not cancelled with its caller: once handed over it is stored, and the answer is whether it was.
    private async Task<SessionAck> StoreAsync(Guid operationId, Func<SessionState?, SessionDecision> rule)
    {
        var result = await _log.AppendAsync(operationId, state => rule(state).ToLog(_id, state));
        EnsureRunning();
        return new() { Seq = result.Seq, Repeated = result.Repeated, Session = View(_log.State ?? result.State) };
    }

    private SessionView View(SessionState state) => new()
    {
        Id = _id,
        Version = state.Version,
        BotId = state.BotId,
        Title = state.Title,
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        MessageCount = state.MessageCount,
        Live = state.Live is not { } live ? null
            : _run is { } run && run.Live.ReplyId == live.ReplyId ? run.View()
            : new() { ReplyId = live.ReplyId, MessageId = live.MessageId, Text = live.Text, NextToken = live.NextToken, StartedAt = live.StartedAt, Model = live.Model },
    };

    private async Task PublishAsync(LogCommit<SessionState> commit)
    {
        await _updates.OnNextAsync(new() { SessionId = _id, Events = commit.Events });
        await this.TellCatalogueAsync("session", _id.ToString(), logger);
    }

    private async Task<BotView?> FindBotAsync(CancellationToken cancellationToken) =>
        _log.State is { } state ? await GrainFactory.GetGrain<IBotGrain>(state.BotId).GetAsync(cancellationToken) : null;

    private Guid NewReplyId() => Guid.CreateVersion7(time.GetUtcNow());

    private static string CheckedBotId(string? botId) => string.IsNullOrWhiteSpace(botId) ? throw BotRules.NotFound() : botId;
}
