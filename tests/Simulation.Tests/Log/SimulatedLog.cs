using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>
/// One process's way to the table: what it sends is done and answered in its order, after a while. It can fail before it is done, or be done while nobody
/// hears of it, or be done when nobody expects it any more.
/// </summary>
internal sealed class SimulatedLog(LogWorld world) : IGrainLog<Tally>
{
    private long _lastArrivalMs;
    private long _lastAnswerMs;

    public async Task<LogSnapshot<Tally>> LoadAsync(Guid ownerId, CancellationToken cancellationToken = default)
    {
        await world.Scheduler.Delay(world.Latency());
        if (world.Fails(8)) throw new IOException("The row could not be read.");
        var row = world.Table.Row;
        await world.Scheduler.Delay(world.Latency());
        return row;
    }

    public Task AppendAsync(LogAppend<Tally> append)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lastArrivalMs = Math.Max(_lastArrivalMs, world.Time.NowMs + world.Latency());
        world.Time.After(_lastArrivalMs - world.Time.NowMs, () =>
        {
            var outcome = Write(append);
            _lastAnswerMs = Math.Max(_lastAnswerMs, world.Time.NowMs + world.Latency());
            world.Time.After(_lastAnswerMs - world.Time.NowMs, () =>
            {
                if (outcome is null) done.SetResult();
                else done.SetException(outcome);
            });
        });
        return done.Task;
    }

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(Guid ownerId, long afterSeq, int limit, CancellationToken cancellationToken = default)
    {
        await world.Scheduler.Delay(world.Latency());
        return [.. world.Table.Events.Select(logged => logged.Event).Where(logged => logged.Seq > afterSeq).Take(limit)];
    }

    public async Task<long?> FindOperationAsync(Guid ownerId, Guid operationId, CancellationToken cancellationToken = default)
    {
        await world.Scheduler.Delay(world.Latency());
        return world.Table.Find(operationId);
    }

    private Exception? Write(LogAppend<Tally> append)
    {
        if (!world.Fails(20)) return world.Table.Apply(append);
        switch (world.Random.Next(4))
        {
            case 0:
                world.Counts.FailedBefore++;
                return new IOException("It failed before anything was written.");
            case 1:
                world.Counts.UnknownDone++;
                return world.Table.Apply(append) ?? Unknown();
            case 2:
                world.Counts.UnknownNotDone++;
                return Unknown();
            default:
                world.Counts.DoneLate++;
                world.Time.After(world.Random.Next(5, 400), () => world.Table.Apply(append));
                return Unknown();
        }
    }

    private Exception Unknown() => world.Mutation == LogMutation.UnknownIsFailure
        ? new IOException("It is said to have failed.")
        : new AppendOutcomeUnknownException("The connection broke around the commit.");
}
