using Orleans.Storage;
using Warroom.Persistence;

namespace Warroom.Testing.Persistence;

/// <summary>What goes wrong with one append.</summary>
public enum AppendFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It fails before anything is written.</summary>
    FailBefore,

    /// <summary>It is written, but the connection breaks before that is known.</summary>
    UnknownApplied,

    /// <summary>It is not written, and the connection breaks before that is known.</summary>
    UnknownNotApplied,

    /// <summary>It is not written now, the connection breaks, and its transaction ends well after the next read.</summary>
    UnknownAppliedLate,
}

/// <summary>
/// A log in memory for tests of grains, with the conditions of the real one (version, epoch, operation id, numbers without a gap, the hash chain) and with faults. It lives as long as the test, so a new activation finds
/// what the old one wrote. Two ways to disturb it: <see cref="Fault"/> chooses what becomes of each append, and <see cref="Hold"/> hands appends to the test, which applies and completes them one by one, in any order.
/// The file is shared source: a test project links it, because the projects that share code of all tests know nothing of grains.
/// </summary>
public sealed class InMemoryGrainLog<TState> : IGrainLog<TState>
    where TState : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Entry> _rows = [];
    private readonly List<HeldAppend<TState>> _held = [];
    private readonly List<LogAppend<TState>> _late = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _holding;
    private int _appends;
    private int _loads;
    private int _finds;

    /// <summary>What becomes of an append; nothing goes wrong unless it says so.</summary>
    public Func<LogAppend<TState>, AppendFault> Fault { get; set; } = _ => AppendFault.None;

    /// <summary>The failure of a read of a row; none unless it says so.</summary>
    public Func<Guid, Exception?> LoadFault { get; set; } = _ => null;

    /// <summary>How many appends were asked for.</summary>
    public int Appends => Volatile.Read(ref _appends);

    /// <summary>How many reads of a row were asked for.</summary>
    public int Loads => Volatile.Read(ref _loads);

    /// <summary>How many operations were looked for.</summary>
    public int Finds => Volatile.Read(ref _finds);

    /// <summary>From now on appends wait for the test.</summary>
    public void Hold() => _holding = true;

    /// <summary>From now on appends are done at once; those that wait stay with the test.</summary>
    public void Release() => _holding = false;

    /// <summary>Waits until this many appends wait for the test in all, and returns them in the order in which they came.</summary>
    public async Task<IReadOnlyList<HeldAppend<TState>>> WhenHeldAsync(int count)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_held.Count >= count)
                    return [.. _held];
                changed = _changed.Task;
            }

            await Eventually.CompletesAsync($"{count} appends to be handed to the log", changed);
        }
    }

    /// <summary>Another activation takes the row: from now on the epoch of the one that wrote last is stale.</summary>
    public void Steal(Guid ownerId)
    {
        lock (_gate)
        {
            var row = _rows[ownerId];
            row.Snapshot = row.Snapshot with { Epoch = row.Snapshot.Epoch + 1 };
        }
    }

    /// <summary>The row as it is, without counting as a read.</summary>
    public LogSnapshot<TState> Row(Guid ownerId)
    {
        lock (_gate)
        {
            return Find(ownerId).Snapshot;
        }
    }

    /// <summary>All states that there are.</summary>
    public IReadOnlyList<TState> States()
    {
        lock (_gate)
        {
            return [.. _rows.Values.Select(row => row.Snapshot.State).OfType<TState>()];
        }
    }

    /// <summary>The events as they are.</summary>
    public IReadOnlyList<LoggedEvent> Events(Guid ownerId)
    {
        lock (_gate)
        {
            return [.. Find(ownerId).Events];
        }
    }

    public async Task<LogSnapshot<TState>> LoadAsync(Guid ownerId, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _loads);
        await Task.Yield();
        if (LoadFault(ownerId) is { } failure)
            throw failure;
        lock (_gate)
        {
            var snapshot = Find(ownerId).Snapshot;
            foreach (var append in _late)
                Apply(append);
            _late.Clear();
            return snapshot;
        }
    }

    public Task AppendAsync(LogAppend<TState> append)
    {
        ArgumentNullException.ThrowIfNull(append);
        Interlocked.Increment(ref _appends);
        lock (_gate)
        {
            if (!_holding)
            {
                var outcome = Apply(append, Fault(append));
                return CompleteAsync(outcome);
            }

            var held = new HeldAppend<TState>(append, Apply);
            _held.Add(held);
            var changed = _changed;
            _changed = NewSignal();
            changed.SetResult();
            return held.Completion;
        }
    }

    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LoggedEvent>>([.. Events(ownerId).Where(logged => logged.Seq > afterSeq).Take(limit)]);

    public Task<long?> FindOperationAsync(Guid ownerId, Guid operationId, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _finds);
        lock (_gate)
        {
            return Task.FromResult(Find(ownerId).Operations.TryGetValue(operationId, out var seq) ? seq : (long?)null);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task CompleteAsync(Exception? outcome)
    {
        await Task.Yield();
        if (outcome is not null)
            throw outcome;
    }

    private Exception? Apply(LogAppend<TState> append, AppendFault fault)
    {
        switch (fault)
        {
            case AppendFault.None:
                return Apply(append);
            case AppendFault.FailBefore:
                return new IOException("The log of this test failed before it wrote anything.");
            case AppendFault.UnknownNotApplied:
                return new AppendOutcomeUnknownException("The log of this test broke off; nothing is there.");
            case AppendFault.UnknownAppliedLate:
                _late.Add(append);
                return new AppendOutcomeUnknownException("The log of this test broke off; it will be there.");
            default:
                return Apply(append) ?? new AppendOutcomeUnknownException("The log of this test broke off; it is there.");
        }
    }

    private Exception? Apply(LogAppend<TState> append)
    {
        lock (_gate)
        {
            var row = Find(append.OwnerId);
            if (append.OperationId is { } id && row.Operations.TryGetValue(id, out var seq))
                return new OperationRepeatedException(id, seq);
            if (row.Snapshot.Version != append.ExpectedVersion || row.Snapshot.Epoch != append.ExpectedEpoch || row.Snapshot.Hash != append.ExpectedHash)
            {
                return new InconsistentStateException(
                    "The log of this test was written by somebody else.", $"{row.Snapshot.Version}@{row.Snapshot.Epoch}", $"{append.ExpectedVersion}@{append.ExpectedEpoch}");
            }

            Check(append, row.Snapshot);
            row.Events.AddRange(append.Events);
            row.Snapshot = new(append.State, append.ExpectedVersion + append.Events.Count, append.Epoch, append.Hash);
            if (append.OperationId is { } operationId)
                row.Operations.Add(operationId, row.Snapshot.Version);
            return null;
        }
    }

    private static void Check(LogAppend<TState> append, LogSnapshot<TState> before)
    {
        var (hash, seq) = (before.Hash, before.Version);
        foreach (var logged in append.Events)
        {
            hash = EventHash.Next(hash, append.OwnerId, ++seq, logged.Body);
            if (logged.Seq != seq || logged.Hash != hash)
                throw new InvalidOperationException($"Event {logged.Seq} of {append.OwnerId} does not follow event {seq - 1}.");
        }

        if (append.Hash != hash || append.Epoch < append.ExpectedEpoch || append.Epoch > append.ExpectedEpoch + 1)
            throw new InvalidOperationException($"The append after version {append.ExpectedVersion} of {append.OwnerId} has a wrong hash or epoch.");
    }

    private Entry Find(Guid ownerId)
    {
        if (!_rows.TryGetValue(ownerId, out var row))
            _rows.Add(ownerId, row = new());
        return row;
    }

    private sealed class Entry
    {
        public LogSnapshot<TState> Snapshot { get; set; } = new(null, 0, 0, EventHash.Genesis);

        public List<LoggedEvent> Events { get; } = [];

        public Dictionary<Guid, long> Operations { get; } = [];
    }
}

/// <summary>An append that waits for the test.</summary>
public sealed class HeldAppend<TState>(LogAppend<TState> append, Func<LogAppend<TState>, Exception?> apply)
    where TState : class
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _applied;
    private Exception? _outcome;

    /// <summary>What is to be appended.</summary>
    public LogAppend<TState> Append { get; } = append;

    internal Task Completion => _completion.Task;

    /// <summary>Writes it (or finds that it may not be written) without telling its writer yet.</summary>
    public void Apply()
    {
        if (_applied)
            return;
        _applied = true;
        _outcome = apply(Append);
    }

    /// <summary>Writes it, unless it was, and tells its writer what became of it.</summary>
    public void Complete()
    {
        Apply();
        if (_outcome is null)
            _completion.SetResult();
        else
            _completion.SetException(_outcome);
    }

    /// <summary>Tells its writer this, whether it is written or not.</summary>
    public void Fail(Exception failure) => _completion.SetException(failure);
}
