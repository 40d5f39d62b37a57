namespace Warroom.Simulation;

/// <summary>Runs asynchronous code in virtual time, on the one thread that moves it: every continuation is an event like any other.</summary>
internal sealed class VirtualScheduler(VirtualTime time) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    public Task Run(Func<Task> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public Task Delay(long ms)
    {
        var done = new TaskCompletionSource();
        time.After(ms, done.SetResult);
        return done.Task;
    }

    protected override void QueueTask(Task task) => time.After(0, () => TryExecuteTask(task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
