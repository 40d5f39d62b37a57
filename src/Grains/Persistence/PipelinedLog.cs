using System.Runtime.ExceptionServices;
using Orleans.Storage;

namespace Warroom.Persistence;

/// <summary>
/// The log of one activation of an event-sourced grain. A command is decided on the <em>tentative</em> state (all that was decided before, committed or not), numbered, hashed and handed to
/// <see cref="IGrainLog{TState}"/> without waiting for those before it, so that the turn is not held. Commits come back in order; only then the <em>committed</em> state moves, listeners are
/// told and callers get their answers. If a commit fails, everything decided on top of it fails with it: the row is read again and those commands are decided again on what it says.
/// </summary>
/// <remarks>
/// <para>What callers see: a task of <c>AppendAsync</c> that completes means durable (or known to be unchanged, or refused, on the strength of durable state alone). A resend joins its operation while it is in
/// flight, costs no write while it is remembered, and is found by the storage afterwards. It fails with the refusal of the rule; with <c>KIND.outcome_unknown</c> (<see cref="RefusalKind.Unknown"/>)
/// when the outcome could not be found out; with <see cref="InconsistentStateException"/> when another activation has written, which must escape from the grain call, for it ends this activation (so does every later
/// call here); or with the storage's own exception, when nothing was written.</para>
/// <para>Why <c>[Reentrant]</c> is safe for grains that keep their state here and nowhere else. Every member must be called on the activation's scheduler, and every continuation of this class comes back to it: all
/// awaits capture it. So code between two awaits runs alone, and only what spans an await needs an argument. (1) A decision and its numbering span none: from the moment <see cref="ReadyAsync"/> returns, the
/// tentative state is read, the rule (pure, synchronous) is applied, the append is enqueued and the tentative state is replaced, so no two decisions see the same state and the order of numbers is the order of
/// hand-over. (2) States are immutable: nobody can change what another holds across an await. (3) The committed state is moved by the one loop <see cref="PumpAsync"/> alone, in the order of numbers; a reader gets
/// either the state before or the state after, both of which are durable. (4) After a failure nothing is decided until the loop has drained and the row was read again, so the tentative state is never built on
/// something that is not there. (5) What a second activation of the grain could do while this one runs is not a matter of turns: versions and epochs in the storage decide.</para>
/// </remarks>
/// <typeparam name="TState">The state, an immutable record.</typeparam>
public sealed partial class PipelinedLog<TState>
    where TState : class
{
    /// <summary>The most appends in flight; more are refused with <c>KIND.too_busy</c>.</summary>
    public const int InFlightMax = 1_000;

    /// <summary>How often a command is decided again when what it was decided on failed; then it is refused with <c>KIND.try_again</c>.</summary>
    public const int AttemptsMax = 4;

    private readonly Guid _ownerId;
    private readonly string _kind;
    private readonly IGrainLog<TState> _log;
    private readonly ILogger _logger;
    private readonly CommitPublisher<TState> _publisher;
    private readonly OperationMemory _remembered = new();
    private readonly Dictionary<Guid, Task<LogResult<TState>>> _running = [];
    private readonly Queue<PendingAppend<TState>> _inFlight = new();
    private readonly List<PendingAppend<TState>> _unresolved = [];
    private LogSnapshot<TState> _committed = new(null, 0, 0, EventHash.Genesis);
    private LogSnapshot<TState> _tentative = new(null, 0, 0, EventHash.Genesis);
    private long _ownEpoch = 1;
    private PendingAppend<TState>? _last;
    private Task _pump = Task.CompletedTask;
    private bool _pumping;
    private bool _draining;
    private bool _mustReload = true;
    private Task<Exception?>? _reload;
    private InconsistentStateException? _fenced;
    private bool _loaded;

    /// <summary>Makes the log of one activation; <see cref="LoadAsync"/> comes next.</summary>
    /// <param name="ownerId">The grain's key.</param>
    /// <param name="kind">The first word of its error codes, such as <c>incident</c>.</param>
    /// <param name="log">The storage.</param>
    /// <param name="publish">Tells listeners what was committed; called in order, one call at a time, not awaited by callers.</param>
    /// <param name="logger">For failures that no caller sees.</param>
    public PipelinedLog(Guid ownerId, string kind, IGrainLog<TState> log, Func<LogCommit<TState>, Task> publish, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(publish);
        _ownerId = ownerId;
        _kind = kind;
        _log = log;
        _logger = logger;
        _publisher = new(ownerId, publish, logger);
    }

    /// <summary>The state as last committed, for reads: <see langword="null"/> if there is none. Throws once another activation is known to have written.</summary>
    public TState? State
    {
        get
        {
            ThrowIfFenced();
            return _committed.State;
        }
    }

    /// <summary>The number of the last committed event.</summary>
    public long Version => _committed.Version;

    /// <summary>The state that the next decision will be made on; may never become durable, so never answer with it.</summary>
    public TState? TentativeState => _tentative.State;

    /// <summary>Reads the row: call it in <c>OnActivateAsync</c>.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        _committed = _tentative = await _log.LoadAsync(_ownerId, cancellationToken);
        _ownEpoch = _committed.Epoch + 1;
        _mustReload = false;
        _loaded = true;
    }

    /// <summary>Decides a command and makes its effect durable; see the remarks of the class for what comes back.</summary>
    /// <param name="operationId">The operation, made by the client.</param>
    /// <param name="decide">A pure, synchronous rule; called again when what it was decided on was lost.</param>
    public Task<LogResult<TState>> AppendAsync(Guid operationId, Func<TState?, LogDecision<TState>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        if (_remembered.TryFind(operationId, out var seq) && _fenced is null)
            return Task.FromResult(new LogResult<TState>(seq, Repeated: true, _committed.State!));
        if (_running.TryGetValue(operationId, out var running))
            return JoinAsync(running);

        var task = RunAsync(operationId, decide);
        if (!task.IsCompleted)
            _running.Add(operationId, task);
        return task;
    }

    /// <summary>The same for what Warroom does by itself and need not find again, such as a reply's text so far: no operation id is stored.</summary>
    public Task<LogResult<TState>> AppendAsync(Func<TState?, LogDecision<TState>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return RunAsync(null, decide);
    }

    /// <summary>Completes when nothing is in flight and listeners were told: call it in <c>OnDeactivateAsync</c>. Never fails but by the token.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        await _pump.WaitAsync(cancellationToken);
        if (_reload is { } reload)
            await reload.WaitAsync(cancellationToken);
        await _publisher.Idle.WaitAsync(cancellationToken);
    }

    private static async Task<LogResult<TState>> JoinAsync(Task<LogResult<TState>> running) => (await running) with { Repeated = true };

    private async Task<LogResult<TState>> RunAsync(Guid? operationId, Func<TState?, LogDecision<TState>> decide)
    {
        try
        {
            for (var attempt = 1; attempt <= AttemptsMax; attempt++)
            {
                await ReadyAsync();
                if (_inFlight.Count >= InFlightMax)
                    throw new DomainException(RefusalKind.TooMany, $"{_kind}.too_busy", $"{InFlightMax} changes of this {_kind} are being stored; send it again in a moment.");

                var decision = decide(_tentative.State);
                var result = decision.State is null ? await SettleAsync(operationId, decision) : await CommitAsync(operationId, decision);
                if (result is { } settled)
                    return settled;
            }

            throw new DomainException(RefusalKind.Unavailable, $"{_kind}.try_again", $"The change was not stored, because changes of this {_kind} before it failed {AttemptsMax} times; send it again.");
        }
        finally
        {
            if (operationId is { } id)
                _running.Remove(id);
        }
    }

    /// <summary>Writes; <see langword="null"/>: what it was decided on was lost, decide again.</summary>
    private async Task<LogResult<TState>?> CommitAsync(Guid? operationId, LogDecision<TState> decision)
    {
        var append = Enqueue(operationId, decision);
        var outcome = await append.Settled;
        switch (outcome.Kind)
        {
            case AppendOutcomeKind.Committed:
                return new(append.After.Version, Repeated: false, _committed.State!);
            case AppendOutcomeKind.Repeated:
                await ReadyAsync();
                return Repeat(operationId!.Value, outcome.Seq);
            case AppendOutcomeKind.Lost:
                return null;
            case AppendOutcomeKind.Unknown:
                throw new DomainException(
                    RefusalKind.Unknown,
                    $"{_kind}.outcome_unknown",
                    "The connection to the database broke while this was being stored, and whether it was is not known; send it again with the same operation id.");
            default:
                ExceptionDispatchInfo.Throw(outcome.Error!);
                return null;
        }
    }

    /// <summary>
    /// Answers without writing, on the strength of durable state alone: all that the decision was made on has to be committed first (<see langword="null"/>: it was not, decide again). An operation that an
    /// earlier activation stored may look unchanged or refused now, because its own effect is there already: the storage is asked before that is said.
    /// </summary>
    private async Task<LogResult<TState>?> SettleAsync(Guid? operationId, LogDecision<TState> decision)
    {
        var found = _tentative.Version;
        if (_last is { } last && (await last.Settled).Kind != AppendOutcomeKind.Committed)
            return null;

        if (operationId is { } id && decision.Refusal?.Kind is not (RefusalKind.Invalid or RefusalKind.TooLarge))
        {
            if (found > 0 && await _log.FindOperationAsync(_ownerId, id) is { } seq)
            {
                // Stored, and not by this activation nor before it was loaded.
                if (seq > _committed.Version)
                    Fence(seq, _committed.Epoch);
                ThrowIfFenced();
                return Repeat(id, seq);
            }

            if (decision.Refusal is null)
                _remembered.Remember(id, found);
        }

        ThrowIfFenced();
        if (decision.Refusal is not null)
            throw decision.Refusal;
        return new(found, Repeated: false, _committed.State ?? throw new InvalidOperationException($"A rule of {_kind} {_ownerId} says unchanged where there is nothing."));
    }

    private LogResult<TState> Repeat(Guid operationId, long seq)
    {
        _remembered.Remember(operationId, seq);
        return new(seq, Repeated: true, _committed.State!);
    }

    private PendingAppend<TState> Enqueue(Guid? operationId, LogDecision<TState> decision)
    {
        var before = _tentative;
        var events = new LoggedEvent[decision.Bodies.Count];
        var hash = before.Hash;
        for (var i = 0; i < events.Length; i++)
        {
            var seq = before.Version + i + 1;
            hash = EventHash.Next(hash, _ownerId, seq, decision.Bodies[i]);
            events[i] = new() { Seq = seq, Hash = hash, Body = decision.Bodies[i] };
        }

        var append = new PendingAppend<TState>(operationId, events, before, new(decision.State, before.Version + events.Length, _ownEpoch, hash));
        _tentative = append.After;
        _inFlight.Enqueue(append);
        _last = append;
        append.Written = WriteAsync(new()
        {
            OwnerId = _ownerId,
            ExpectedVersion = before.Version,
            ExpectedEpoch = before.Epoch,
            ExpectedHash = before.Hash,
            Epoch = _ownEpoch,
            Events = events,
            State = decision.State!,
            Hash = hash,
            OperationId = operationId,
        });
        if (!_pumping)
        {
            _pumping = true;
            _pump = PumpAsync();
        }

        return append;
    }

    // An exception that the storage throws at the call itself is a failed task like any other.
    private async Task WriteAsync(LogAppend<TState> append) => await _log.AppendAsync(append);

    private void ThrowIfFenced()
    {
        if (_fenced is not null)
            throw new InconsistentStateException($"This activation of {_kind} {_ownerId} is no longer the owner of its row.", _fenced.StoredEtag, _fenced.CurrentEtag);
        if (!_loaded)
            throw new InvalidOperationException($"The log of {_kind} {_ownerId} is used before it was loaded.");
    }
}
