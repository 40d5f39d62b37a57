using System.Text.Json;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Persistence;
using Warroom.Streams;

namespace Warroom.Frontend.Live;

/// <summary>What feeds of logs share in a front end.</summary>
/// <param name="Cluster">Gives streams and grains.</param>
/// <param name="Options">The bounds.</param>
/// <param name="Json">How answers are serialised.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For what goes wrong.</param>
internal sealed record LogFeedContext(IClusterClient Cluster, LiveOptions Options, JsonSerializerOptions Json, LiveMetrics Metrics, TimeProvider Time, ILogger Logger);

/// <summary>
/// One log as it is followed by this front end: one subscription, however many viewers. It takes updates one at a time, compares itself with the log when something was lost, and keeps the latest events, so that most viewers
/// join without a read.
/// </summary>
/// <typeparam name="TUpdate">What its stream carries.</typeparam>
internal abstract class LogFeed<TUpdate>(Guid id, string kind, StreamId stream, LogFeedContext context) : Feed(id.ToString(), context.Metrics, context.Time), IAsyncObserver<TUpdate>, IAuditedFeed
{
    /// <summary>The most events in one answer.</summary>
    public const int AnswerEventsMax = 500;

    /// <summary>The most missing events that are passed on; more, and the viewers are told to catch up.</summary>
    protected const int MissingEventsMax = 1_000;

    // Updates and audits, one at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamSubscriptionHandle<TUpdate>? _subscription;

    public Guid Id => id;

    /// <summary>Completes when the feed can answer; fails with <c>KIND.not_found</c>, or as the grain or the database fails.</summary>
    public Task Ready => _ready.Task;

    /// <inheritdoc/>
    public abstract long Version { get; }

    public long AuditedVersion { get; set; } = -1;

    protected IClusterClient Cluster => context.Cluster;

    protected LiveOptions Options => context.Options;

    /// <summary>Guards what the feed knows.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>The latest events. Guarded by <see cref="Gate"/>.</summary>
    protected EventTail Tail { get; } = new(context.Options.TailEventsMax, context.Options.TailLengthMax);

    /// <summary>Answers that hold until the feed changes; whatever changes what is guarded by <see cref="Gate"/> forgets them.</summary>
    protected SerializedAnswers Answers { get; } = new(context.Json);

    /// <summary>Subscribes first and reads then, so that nothing falls between. Called once.</summary>
    public async Task StartAsync()
    {
        try
        {
            _subscription = await Cluster.GetStreamProvider(WarroomStreams.Provider).GetStream<TUpdate>(stream).SubscribeAsync(this);
            await LoadAsync();
            _ready.SetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whoever waits for the feed gets the reason; the next viewer begins a new one.
            _ready.SetException(exception);
        }
    }

    /// <summary>What a viewer lacks that has everything up to a number. Join before asking, so that what comes in between is delivered too.</summary>
    public async Task<SerializedAnswer> AnswerAsync(long afterSeq, CancellationToken cancellationToken) =>
        Answers.Find(afterSeq) ?? await ReadAsync(afterSeq, Answers.Revision, cancellationToken);

    public Task OnNextAsync(TUpdate item, StreamSequenceToken? token = null) => InTurnAsync(() => TakeAsync(item));

    public Task OnErrorAsync(Exception ex)
    {
        LogFeedLog.StreamFailed(context.Logger, kind, id, ex.Message);
        return InTurnAsync(CatchUpAfterLossAsync);
    }

    /// <summary>Reads what the log has beyond this feed and passes it on.</summary>
    public Task CatchUpAsync() => InTurnAsync(PassMissingAsync);

    public void ForgetUnusedAnswers() => Answers.ForgetUnused();

    public override async Task EndAsync()
    {
        if (_subscription is { } subscription)
        {
            await subscription.UnsubscribeAsync();
        }
    }

    /// <summary>Reads where the feed begins.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Makes the answer for a viewer, and serialises it.</summary>
    protected abstract Task<SerializedAnswer> ReadAsync(long afterSeq, long revision, CancellationToken cancellationToken);

    /// <summary>Passes on what is new in an update. In a turn.</summary>
    protected abstract Task TakeAsync(TUpdate update);

    /// <summary>Passes on what the log has and the feed has not. In a turn.</summary>
    protected abstract Task PassMissingAsync();

    /// <summary>The stream lost something. In a turn.</summary>
    protected virtual Task CatchUpAfterLossAsync() => PassMissingAsync();

    /// <summary>Begins the tail with the events up to a version; what is newer comes by the stream as well. Under <see cref="Gate"/>.</summary>
    protected void FillTail(long start, LogPage? page, long version)
    {
        Tail.StartAfter(start);
        foreach (var logged in page?.Events ?? [])
        {
            if (logged.Seq <= version)
            {
                Tail.Add(logged);
            }
        }

        if (Tail.Last != version)
        {
            Tail.StartAfter(version);
        }
    }

    /// <summary>Does something between updates. Never fails: the next update or audit tries again.</summary>
    protected async Task InTurnAsync(Func<Task> action)
    {
        try
        {
            await _ready.Task;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The feed never began; whoever waited for it was told.
            return;
        }

        await _turn.WaitAsync();
        try
        {
            await action();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The next update or audit sees the same gap and tries again.
            LogFeedLog.CatchUpFailed(context.Logger, kind, id, exception);
        }
        finally
        {
            _turn.Release();
        }
    }
}
