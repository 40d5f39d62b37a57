using Orleans.Embedded.Streams;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Streams;

/// <summary>Holds the lock of a stream, so that a test decides what comes between two steps of another thread.</summary>
internal static class HeldTopic
{
    /// <summary>Does something on a thread that has the stream's lock.</summary>
    public static Task WhileHeldAsync(StreamHub hub, StreamId streamId, Action action)
    {
        var holder = new Holder(hub, streamId, action);
        hub.Subscribe(streamId, holder);
        return InThread(() => hub.Find(streamId)!.Arrive(new PublishedParcel<int>([0]))).Done.Soon().ContinueWith(
            held =>
            {
                hub.Find(streamId)?.Remove(holder);
                return held;
            },
            TaskScheduler.Default).Unwrap();
    }

    /// <summary>Runs in a thread of its own, which can be seen to wait.</summary>
    public static (Thread Thread, Task Done) InThread(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return (thread, done.Task);
    }

    /// <summary>Returns when all of them wait for a lock.</summary>
    public static void UntilAllWait(params Thread[] threads)
    {
        var since = Environment.TickCount64;
        while (!Array.TrueForAll(threads, thread => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin)))
        {
            if (Environment.TickCount64 - since > Eventually.Timeout.TotalMilliseconds) throw new TimeoutException("A thread does not wait for the lock.");
            Thread.Yield();
        }
    }

    private sealed class Holder(StreamHub hub, StreamId streamId, Action action) : StreamSubscription(hub, streamId, Guid.NewGuid(), isImplicit: false)
    {
        public override bool IsIdle => false;

        public override bool IsOfThisProcess => true;

        public override void Close()
        {
        }

        public override void AcceptParcel(StreamParcel parcel) => action();

        public override void Tell(Exception error)
        {
        }
    }
}
