using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>Calls of the store that end in time, whatever the network does.</summary>
internal sealed class StoreCalls(EmbeddedClusterOptions options)
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(50);

    // Two attempts fit into a lease, so that one that gets no answer does not cost it.
    private readonly TimeSpan _limit = options.Lease * 0.4;

    /// <exception cref="TimeoutException">No answer came in time. Whether the call took effect is not known.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        var task = call(limit.Token);
        try
        {
            return await task.WaitAsync(_limit, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The membership's store did not answer within {_limit.TotalSeconds:0.##} s.", exception);
        }
        finally
        {
            // It goes on until the database's driver notices; nobody waits for what it says. The limit's own timer may come later than the wait's, and dies with it.
            if (!task.IsCompleted)
            {
                await limit.CancelAsync();
                _ = task.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Tries again until it succeeds or the time is up; what can never succeed is not tried again.</summary>
    public async Task<T> InsistAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan time, Action<Exception> onFailure, CancellationToken cancellationToken)
    {
        var until = EngineClock.RealMs + (long)time.TotalMilliseconds;
        for (var failures = 0; ; failures++)
        {
            try
            {
                return await RunAsync(call, cancellationToken);
            }
            catch (Exception exception) when (exception is not OrleansConfigurationException && !cancellationToken.IsCancellationRequested && EngineClock.RealMs < until)
            {
                onFailure(exception);
            }

            await Task.Delay(Pause(failures + 1), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>How long to wait after so many failures in a row: longer each time, up to a heartbeat.</summary>
    public TimeSpan Pause(int failures) =>
        TimeSpan.FromTicks(Math.Min(options.Heartbeat.Ticks, RetryFirst.Ticks << Math.Min(failures - 1, 10)));
}
