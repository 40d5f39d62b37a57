using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>Follows a cluster without being in it: for clients. What it learned last stays in force while the store cannot be reached.</summary>
internal sealed partial class MembershipFollower(
    IMembershipStore store, IOptions<EmbeddedClusterOptions> options, IOptions<ClusterOptions> cluster, ILogger<MembershipFollower> logger)
    : IMembership, IHostedService, IAsyncDisposable
{
    /// <summary>An outage of the store is told when it begins, and again from time to time.</summary>
    private const int FailuresPerLine = 30;

    private readonly Lock _lock = new();
    private readonly StoreCalls _calls = new(options.Value);
    private readonly CancellationTokenSource _stop = new();
    private MembershipTable _table = MembershipTable.Empty;
    private Task _loops = Task.CompletedTask;

    public ClusterKnowledge Knowledge { get; } = new(null);

    public ClusterView View => Knowledge.View;

    public Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken) => Knowledge.NextViewAsync(version, cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _calls.InsistAsync<object?>(
            async token =>
            {
                await store.StartAsync(token);
                Learn(await store.ReadAsync(token));
                return null;
            },
            options.Value.JoinTimeout, LogStoreFailed, cancellationToken);
        _loops = Task.WhenAll(Task.Run(() => PollAsync(_stop.Token), CancellationToken.None), Task.Run(() => FollowAsync(_stop.Token), CancellationToken.None));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        await _loops;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(failures > 0 ? _calls.Pause(failures) : options.Value.Heartbeat, TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            failures = await TryReadAsync(isFirstFailure: failures % FailuresPerLine == 0, cancellationToken) ? 0 : failures + 1;
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await store.WaitForChangeAsync(cancellationToken);
                await TryReadAsync(isFirstFailure: false, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotFollowed(exception);
                await Task.Delay(options.Value.Heartbeat, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> TryReadAsync(bool isFirstFailure, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return true;
        try
        {
            Learn(await _calls.RunAsync(store.ReadAsync, cancellationToken));
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (isFirstFailure) LogStoreFailed(exception);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private void Learn(MembershipTable table)
    {
        lock (_lock)
        {
            if (table.ServiceId.Length > 0 && table.ServiceId != cluster.Value.ServiceId) throw MembershipRules.OtherService(table.ServiceId, cluster.Value.ServiceId);
            if (table.Revision <= _table.Revision) return;
            _table = table;
            Knowledge.Publish(table, new Placement.Ownership(table, null));
        }
    }

    [LoggerMessage(1322, LogLevel.Debug, "The membership's store does not say when something changes; it is looked at every heartbeat meanwhile.")]
    private partial void LogNotFollowed(Exception exception);

    [LoggerMessage(1321, LogLevel.Warning, "The membership's store could not be read; the silos known so far are gone on with.")]
    private partial void LogStoreFailed(Exception exception);
}
