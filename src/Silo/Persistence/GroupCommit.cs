using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Storage;
using Warroom.Postgres;

namespace Warroom.Persistence;

/// <summary>
/// Commits the writes of many grains together: a writer takes all that waits (up to <see cref="PostgresOptions.BatchSizeMax"/>), sends one statement for each table, and completes all callers after the one commit.
/// Several writers run, so that one batch fills while another commits; there is no timer. Both doors to PostgreSQL lead through here.
/// </summary>
/// <remarks>
/// <para>Order: the writes of one row wait in its lane. A lane has at most one unit in flight, made of all writes that waited; so they are committed and completed in the order in which they came. When a write fails, those
/// behind it in the lane fail as well, for they were decided on top of it.</para>
/// <para>Outcome: a batch is one implicit transaction: all statements travel up to one Sync message, and the server commits there. There is no COMMIT that could be answered with ROLLBACK (Npgsql issue 2847): the ReadyForQuery that
/// is read before anything counts as written comes either after the commit or after an error. What passes is tried again for <see cref="PostgresOptions.WriteRetrySeconds"/>. A connection that
/// breaks leaves the outcome open; the same batch is then sent again on another connection. It is conditional on versions and epochs, so that it takes effect at most once: if the first was committed (or is
/// about to be: its locks are waited for), the second loses, and the row tells that it is our own write. A failure that does not pass is narrowed down by halves, so that one bad write fails alone.</para>
/// </remarks>
internal sealed partial class GroupCommit : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RowKey, Lane> _lanes = [];
    private readonly Channel<Lane> _ready = Channel.CreateUnbounded<Lane>();
    private readonly NpgsqlDataSource _source;
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<GroupCommit> _logger;
    private readonly GroupCommitMetrics _metrics;
    private readonly Backoff _backoff;
    private readonly Task[] _writers;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _queued;
    private long _queuedBytes;
    private bool _stopping;

    public GroupCommit(NpgsqlDataSource source, IOptions<PostgresOptions> options, TimeProvider time, IMeterFactory meters, ILogger<GroupCommit> logger)
    {
        _source = source;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _metrics = new(meters, () => Volatile.Read(ref _queued));
        _backoff = new(time);
        using (ExecutionContext.SuppressFlow())
        {
            _writers = [.. Enumerable.Range(0, _options.Writers).Select(_ => Task.Run(RunWriterAsync))];
        }
    }

    /// <summary>Which process wrote: a row whose epoch this process has claimed carries it.</summary>
    public Guid WriterId { get; } = Guid.NewGuid();

    /// <summary>Hands a write over; its task completes when it is durable.</summary>
    public Task WriteAsync(PendingWrite write)
    {
        lock (_gate)
        {
            if (_stopping)
                return Task.FromException(new ObjectDisposedException(nameof(GroupCommit), "This process is stopping; nothing is written any more."));
            if (_queued >= _options.QueueSizeMax || _queuedBytes + write.Bytes > _options.QueueBytesMax)
            {
                _metrics.Refused();
                return Task.FromException(new DomainException(
                    RefusalKind.Unavailable, "storage.overloaded", $"The database is behind: {_queued} writes ({_queuedBytes} bytes) wait already. Nothing was written; try again."));
            }

            _queued++;
            _queuedBytes += write.Bytes;
            if (!_lanes.TryGetValue(write.Key, out var lane))
                _lanes.Add(write.Key, lane = new());
            lane.Waiting.Enqueue(write);
            if (!lane.IsTaken)
            {
                lane.IsTaken = true;
                _ready.Writer.TryWrite(lane);
            }
        }

        if (!Guards.DurableAck)
            write.Succeed();
        return write.Written;
    }

    /// <summary>Refuses new writes, and ends when those that wait have their outcome.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
            if (_queued == 0)
                _drained.TrySetResult();
        }

        await _drained.Task;
        _ready.Writer.Complete();
        await Task.WhenAll(_writers);
    }

    private async Task RunWriterAsync()
    {
        await using var connection = new WriterConnection(_source, _time, TimeSpan.FromSeconds(_options.ConnectionLifetimeSeconds));
        while (await _ready.Reader.WaitToReadAsync())
        {
            // Callers that the last commit has woken come first: what they write now joins this batch.
            await Task.Yield();
            var units = Take();
            try
            {
                await SettleAsync(connection, units);
            }
            catch (Exception failure)
            {
                // Not of the database (those are handled): a bug of ours. Every caller must get an answer, and the writer must live.
                LogWriterFailed(failure, units.Count);
                foreach (var unit in units.Where(unit => !unit.IsSettled))
                    Finish(unit, succeeded: 0, new AppendOutcomeUnknownException($"The outcome of a write to {unit.Key} is not known.", failure));
            }
        }
    }

    private List<WriteUnit> Take()
    {
        var units = new List<WriteUnit>();
        var writes = 0;
        var bytes = 0L;
        while (writes < _options.BatchSizeMax && bytes < _options.BatchBytesMax && _ready.Reader.TryRead(out var lane))
        {
            lock (_gate)
            {
                var taken = new List<PendingWrite> { lane.Waiting.Dequeue() };
                bytes += taken[0].Bytes;
                while (lane.Waiting.TryPeek(out var next) && writes + taken.Count < _options.BatchSizeMax && bytes < _options.BatchBytesMax && next.Key.Table.CanFollow(taken[^1], next))
                {
                    taken.Add(lane.Waiting.Dequeue());
                    bytes += next.Bytes;
                }

                writes += taken.Count;
                units.Add(new(taken));
            }
        }

        return units;
    }

    /// <summary>Gives each of the units its outcome.</summary>
    private async Task SettleAsync(WriterConnection writer, IReadOnlyList<WriteUnit> units)
    {
        if (units.Count == 0)
            return;

        var ended = await AttemptAsync(writer, units, connection => ExecuteAsync(connection, units));
        if (ended.Failure is null)
        {
            FinishPassed(units);
            foreach (var unit in units.Where(unit => !unit.Passed))
                await SettleLoserAsync(writer, unit);
        }
        else if (ended.IsOfTheBatch && units.Count > 1)
        {
            LogNarrowed(ended.Failure, units.Count);
            await SettleAsync(writer, [.. units.Take(units.Count / 2)]);
            await SettleAsync(writer, [.. units.Skip(units.Count / 2)]);
        }
        else if (ended.IsOfTheBatch && units[0].Writes.Count > 1)
        {
            await SettleOneByOneAsync(writer, units[0]);
        }
        else
        {
            foreach (var unit in units)
                Finish(unit, succeeded: 0, FailureOf(unit, ended));
        }
    }

    private async Task SettleLoserAsync(WriterConnection writer, WriteUnit unit)
    {
        var (isThere, failure) = await FindOutAsync(writer, unit);
        if (isThere)
        {
            unit.Passed = true;
            FinishPassed([unit]);
        }
        else if (unit.Writes.Count > 1)
            await SettleOneByOneAsync(writer, unit);
        else
            Finish(unit, succeeded: 0, failure!);
    }

    /// <summary>A unit of several writes that failed as a whole: each by itself, in order, up to the first that fails.</summary>
    private async Task SettleOneByOneAsync(WriterConnection writer, WriteUnit unit)
    {
        for (var i = 0; i < unit.Writes.Count; i++)
        {
            var single = new WriteUnit([unit.Writes[i]], unit.MayBeThere);
            var ended = await AttemptAsync(writer, [single], connection => ExecuteAsync(connection, [single]));
            var failure = ended.Failure is null ? null : FailureOf(single, ended);
            if (failure is null && !single.Passed)
                (_, failure) = await FindOutAsync(writer, single);
            if (failure is not null)
            {
                Finish(unit, succeeded: i, failure);
                return;
            }
        }

        Finish(unit, unit.Writes.Count, failure: null);
    }

    private async Task<Finding> FindOutAsync(WriterConnection writer, WriteUnit unit)
    {
        var finding = default(Finding);
        var ended = await AttemptAsync(writer, [], async connection => finding = await unit.Key.Table.FindOutAsync(connection, unit, CancellationToken.None));
        if (ended.Failure is not null)
            return new(IsThere: false, unit.MayBeThere ? Unknown(unit, ended.Failure) : ended.Failure);

        if (finding.IsThere)
        {
            LogFoundThere(unit.Key);
            _metrics.Resolved(unit.Writes.Count);
        }
        else
        {
            _metrics.Lost(unit.Writes.Count);
        }

        return finding;
    }

    /// <summary>Runs something on the writer's connection until it succeeds, fails for good, or time is up.</summary>
    private async Task<Ended> AttemptAsync(WriterConnection writer, IReadOnlyList<WriteUnit> units, Func<NpgsqlConnection, Task> action)
    {
        var started = _time.GetTimestamp();
        for (var repetition = 1; ; repetition++)
        {
            var isOpen = false;
            try
            {
                var connection = await writer.OpenAsync(CancellationToken.None);
                isOpen = true;
                await action(connection);
                return default;
            }
            catch (Exception failure)
            {
                var kind = PostgresFailure.Classify(failure);
                if (isOpen && kind == FailureKind.Unknown && Guards.CommitOutcome)
                {
                    foreach (var unit in units)
                        unit.MayBeThere = true;
                }

                // A permanent failure may have come in the middle of a message; the connection is not worth a look.
                await writer.DiscardAsync();
                if (kind == FailureKind.Permanent)
                    return new(failure, IsOfTheBatch: isOpen);
                if (!Guards.Retries || _time.GetElapsedTime(started) >= TimeSpan.FromSeconds(_options.WriteRetrySeconds))
                    return new(failure, IsOfTheBatch: false);

                LogTriedAgain(failure, units.Count, repetition);
                _metrics.TriedAgain();
            }

            await _backoff.WaitAsync(repetition, CancellationToken.None);
        }
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<WriteUnit> units)
    {
        var groups = units.GroupBy(unit => unit.Key.Table).Select(group => (Table: group.Key, Units: (IReadOnlyList<WriteUnit>)[.. group])).ToList();
        await using var batch = new NpgsqlBatch(connection) { Timeout = _options.WriteTimeoutSeconds };
        foreach (var (table, members) in groups)
            batch.BatchCommands.Add(table.BuildCommand(members));

        var started = _time.GetTimestamp();
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            foreach (var (table, members) in groups)
            {
                foreach (var unit in members)
                    unit.Passed = false;
                await table.ReadResultAsync(reader, members, CancellationToken.None);

                // After the last result this reads up to ReadyForQuery: the commit, or its error.
                var isLast = !await reader.NextResultAsync();
                Debug.Assert(isLast == (table == groups[^1].Table), "Each statement has one result.");
            }
        }

        _metrics.Committed(units.Sum(unit => unit.Writes.Count), _time.GetElapsedTime(started).TotalSeconds);
    }

    private Exception FailureOf(WriteUnit unit, Ended ended) =>
        unit.MayBeThere && !ended.IsOfTheBatch ? Unknown(unit, ended.Failure!) : ended.Failure!;

    private AppendOutcomeUnknownException Unknown(WriteUnit unit, Exception failure)
    {
        LogUnknown(failure, unit.Key);
        _metrics.Unknown(unit.Writes.Count);
        return new($"The connection broke around the commit of a write to {unit.Key}, and what became of it could not be found out within {_options.WriteRetrySeconds} s.", failure);
    }

    private void FinishPassed(IReadOnlyList<WriteUnit> units)
    {
        lock (_gate)
        {
            foreach (var unit in units)
            {
                if (unit.Passed)
                    Release(unit, abandoned: null);
            }
        }

        foreach (var unit in units)
        {
            if (!unit.Passed)
                continue;
            foreach (var write in unit.Writes)
                write.Succeed();
        }
    }

    /// <summary>The first so many writes of a unit are durable; the next failed, and with it all behind it.</summary>
    private void Finish(WriteUnit unit, int succeeded, Exception? failure)
    {
        var abandoned = new List<PendingWrite>();
        lock (_gate)
        {
            Release(unit, failure is null ? null : abandoned);
        }

        for (var i = 0; i < succeeded; i++)
            unit.Writes[i].Succeed();
        if (failure is null)
            return;

        unit.Writes[succeeded].Fail(failure);
        foreach (var write in unit.Writes.Skip(succeeded + 1).Concat(abandoned))
            write.Fail(new InconsistentStateException($"A write to {unit.Key} that this one was decided on has failed; nothing of this one was written.", null, null, failure));
    }

    /// <summary>Lets the next of the unit's lane go, or with <paramref name="abandoned"/> takes out all that wait there.</summary>
    private void Release(WriteUnit unit, List<PendingWrite>? abandoned)
    {
        unit.IsSettled = true;
        var lane = _lanes[unit.Key];
        foreach (var write in unit.Writes)
            Forget(write);
        while (abandoned is not null && lane.Waiting.TryDequeue(out var behind))
        {
            Forget(behind);
            abandoned.Add(behind);
        }

        if (lane.Waiting.Count > 0)
            _ready.Writer.TryWrite(lane);
        else
            _lanes.Remove(unit.Key);
        if (_stopping && _queued == 0)
            _drained.TrySetResult();
    }

    private void Forget(PendingWrite write)
    {
        _queued--;
        _queuedBytes -= write.Bytes;
    }

    /// <summary>The writes of one row that wait; taken while it is ready or has a unit in flight.</summary>
    private sealed class Lane
    {
        public Queue<PendingWrite> Waiting { get; } = new();

        public bool IsTaken { get; set; }
    }

    /// <summary>How an attempt ended; without a failure it succeeded.</summary>
    /// <param name="Failure">What ended it.</param>
    /// <param name="IsOfTheBatch">Whether it is the fault of what was sent, not of the connection: nothing is there, and sending less may help.</param>
    private readonly record struct Ended(Exception? Failure, bool IsOfTheBatch);
}
