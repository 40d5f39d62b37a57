namespace Warroom.Persistence;

/// <summary>The scheduler of one activation, without a silo: code between two awaits runs alone, continuations come back to it.</summary>
internal sealed class TestActivation
{
    private readonly TaskScheduler _scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    /// <summary>Runs a turn.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> turn) => Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap();

    /// <summary>Runs a turn.</summary>
    public Task RunAsync(Func<Task> turn) => Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap();

    /// <summary>Runs a turn that does not wait.</summary>
    public Task<T> ReadAsync<T>(Func<T> turn) => Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.None, _scheduler);
}
