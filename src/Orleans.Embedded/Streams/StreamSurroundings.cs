namespace Orleans.Embedded.Streams;

/// <summary>Where the work of a process's streams runs, by which clock it waits, how it reaches other processes and how much may wait. The simulation gives others than the process's own.</summary>
internal sealed record StreamSurroundings
{
    /// <summary>Those of every real process.</summary>
    public static StreamSurroundings OfProcess { get; } = new();

    /// <summary>Runs what is done in the background.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>What is waited for by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The time that nobody sets, in milliseconds.</summary>
    public Func<long> NowMs { get; init; } = static () => EngineClock.RealMs;

    /// <summary>The streams of another process; null: its system target.</summary>
    public Func<string, IStreamPeer>? PeerOf { get; init; }

    /// <summary>How much may wait.</summary>
    public StreamBounds Bounds { get; init; } = new();

    /// <summary>Runs work in the background.</summary>
    public Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();

    /// <summary>The same for work with a result.</summary>
    public Task<T> Run<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();
}

/// <summary>How much of a stream may wait in a process. What is more is dropped, and whoever misses it is told.</summary>
internal sealed record StreamBounds
{
    /// <summary>Items for one subscriber.</summary>
    public int SubscriberMax { get; init; } = 4096;

    /// <summary>Parcels for one subscribed process.</summary>
    public int SessionMax { get; init; } = 4096;

    /// <summary>Parcels of one stream on their way to its home.</summary>
    public int OutboxMax { get; init; } = 4096;

    /// <summary>Parcels that travel together.</summary>
    public int BatchMax { get; init; } = 256;

    /// <summary>Batches of one session that are not answered yet.</summary>
    public int InFlightMax { get; init; } = 4;

    /// <summary>Producers of one stream that are remembered by what they sent last.</summary>
    public int ProducersMax { get; init; } = 1024;
}
