using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Warroom.Testing.Persistence;

namespace Warroom.Persistence;

/// <summary>A state that is what its log says: the bodies of all events, and a note that is saved without one.</summary>
internal sealed record Tally(ImmutableArray<string> Bodies, string Note = "")
{
    /// <summary>A rule that adds one event.</summary>
    public static Func<Tally?, LogDecision<Tally>> Add(string body) => state => LogDecision.Append([body], new Tally(state?.Bodies.Add(body) ?? [body], state?.Note ?? ""));

    /// <summary>A rule that adds an event unless it is there.</summary>
    public static Func<Tally?, LogDecision<Tally>> AddOnce(string body) =>
        state => state?.Bodies.Contains(body) == true ? LogDecision.Unchanged<Tally>() : Add(body)(state);

    /// <summary>A rule that refuses when an event is there.</summary>
    public static Func<Tally?, LogDecision<Tally>> AddUnless(string body, string forbidden) =>
        state => state?.Bodies.Contains(forbidden) == true
            ? LogDecision.Refuse<Tally>(new(RefusalKind.Conflict, "tally.forbidden", "Forbidden."))
            : Add(body)(state);

    /// <summary>A rule that saves a note.</summary>
    public static Func<Tally?, LogDecision<Tally>> Noted(string note) => state => LogDecision.Save((state ?? new([])) with { Note = note });
}

/// <summary>A pipelined log on an activation's scheduler, over a log in memory, with what it published.</summary>
internal sealed class TallyLog
{
    private readonly TestActivation _activation = new();
    private readonly PipelinedLog<Tally> _log;

    public TallyLog(InMemoryGrainLog<Tally>? store = null, Guid? ownerId = null, Func<LogCommit<Tally>, Task>? publish = null)
    {
        Store = store ?? new();
        OwnerId = ownerId ?? Guid.NewGuid();
        _log = new(
            OwnerId,
            "tally",
            Store,
            commit =>
            {
                Published.Add(commit);
                return publish?.Invoke(commit) ?? Task.CompletedTask;
            },
            NullLogger.Instance);
    }

    public InMemoryGrainLog<Tally> Store { get; }

    public Guid OwnerId { get; }

    public List<LogCommit<Tally>> Published { get; } = [];

    public IEnumerable<long> PublishedSeqs => Published.SelectMany(commit => commit.Events).Select(logged => logged.Seq);

    /// <summary>The next append that reaches the store meets this fault, no later one.</summary>
    public void FailOnce(AppendFault fault)
    {
        var left = 1;
        Store.Fault = _ => Interlocked.Decrement(ref left) == 0 ? fault : AppendFault.None;
    }

    /// <summary>A loaded log.</summary>
    public static async Task<TallyLog> LoadAsync(InMemoryGrainLog<Tally>? store = null, Guid? ownerId = null, Func<LogCommit<Tally>, Task>? publish = null)
    {
        var log = new TallyLog(store, ownerId, publish);
        await log._activation.RunAsync(() => log._log.LoadAsync());
        return log;
    }

    /// <summary>Begins an append; returns when the decision is made or waits, the outer task; the inner one is the answer.</summary>
    public async Task<Task<LogResult<Tally>>> BeginAsync(Guid operationId, Func<Tally?, LogDecision<Tally>> decide)
    {
        Task<LogResult<Tally>>? answer = null;
        await _activation.ReadAsync(() => answer = _log.AppendAsync(operationId, decide));
        return answer!;
    }

    public Task<LogResult<Tally>> AppendAsync(Guid operationId, Func<Tally?, LogDecision<Tally>> decide) =>
        Eventually.CompletesAsync("an append to be answered", _activation.RunAsync(() => _log.AppendAsync(operationId, decide)));

    public Task<LogResult<Tally>> AppendAsync(string body) => AppendAsync(Guid.NewGuid(), Tally.Add(body));

    public Task<LogResult<Tally>> SaveAsync(string note) => Eventually.CompletesAsync("a save to be answered", _activation.RunAsync(() => _log.AppendAsync(Tally.Noted(note))));

    /// <summary>For use inside of a turn.</summary>
    public Task<LogResult<Tally>> AppendInTurn(Func<Tally?, LogDecision<Tally>> decide) => _log.AppendAsync(Guid.NewGuid(), decide);

    public Task<Tally?> StateAsync() => _activation.ReadAsync(() => _log.State);

    public Task<long> VersionAsync() => _activation.ReadAsync(() => _log.Version);

    public Task DrainAsync() => Eventually.CompletesAsync("the log to drain", _activation.RunAsync(() => _log.DrainAsync()));
}
