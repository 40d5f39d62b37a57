namespace Orleans.Embedded.Membership;

/// <summary>A silo's way into its cluster and out of it.</summary>
internal sealed class SiloCluster(MembershipService membership, GrainHandOver handOver) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _handOver = Task.CompletedTask;

    /// <summary>Completes with the reason when this silo is out of the cluster and must not serve any more.</summary>
    public Task<string> Out => membership.Out;

    /// <summary>Becomes a member that owns nothing yet.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await membership.JoinAsync(cancellationToken);
        _handOver = Task.Run(() => handOver.RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Becomes an owner of grains.</summary>
    public Task ActivateAsync(CancellationToken cancellationToken) => membership.ActivateAsync(cancellationToken);

    /// <summary>
    /// Ceases to be an owner and gives up all grains to the others, as far as the time goes. Calls are forwarded meanwhile. Without others nothing is
    /// given up: there is nobody to go on.
    /// </summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        handOver.OnStopping();
        if (!await membership.BeginLeaveAsync(cancellationToken)) return;
        while (true)
        {
            var changed = membership.Knowledge.Changed;
            if (!membership.HandOverIsDue || membership.Out.IsCompleted) return;
            await Task.WhenAny(changed, membership.Out).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Is no member any more; nothing must be active here by now.</summary>
    public async Task LeaveAsync()
    {
        await StopAsync();
        await membership.LeaveAsync();
    }

    /// <summary>Ends as a crash would; for tests.</summary>
    public void Kill()
    {
        membership.Kill();
        _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        await _handOver;
    }
}
