using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>
/// Keeps this silo in its cluster: renews its lease, learns who else is there, declares dead who is silent, and tells the store what was handed over.
/// What to do is decided by <see cref="MemberLogic"/>; this does it.
/// </summary>
internal sealed partial class MembershipService : IMembership, IAsyncDisposable
{
    /// <summary>An outage of the store is told when it begins, and again from time to time.</summary>
    private const int FailuresPerLine = 30;

    private readonly Lock _lock = new();
    private readonly IMembershipStore _store;
    private readonly StoreCalls _calls;
    private readonly EmbeddedClusterOptions _options;
    private readonly SiloLease _lease;
    private readonly MemberLogic _logic;
    private readonly MembershipMetrics _metrics;
    private readonly ILogger<MembershipService> _logger;
    private readonly JoiningMember _member;
    private readonly ConnectionListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<string> _out = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loops = Task.CompletedTask;
    private bool _lapsed;
    private bool _isLeaving;

    public MembershipService(
        IMembershipStore store, LocalSilo silo, SiloLease lease, SiloPorts ports, NetworkHost network, IOptions<EmbeddedClusterOptions> options, MembershipMetrics metrics,
        ILogger<MembershipService> logger)
    {
        _store = store;
        _options = options.Value;
        _calls = new StoreCalls(_options);
        _lease = lease;
        _metrics = metrics;
        _logger = logger;
        _listener = ports.Silos;
        _member = new JoiningMember(silo.SiloAddress, Guid.NewGuid(), silo.Name, silo.GatewayAddress.Endpoint.Port, network.Place(_listener.Endpoint));
        _logic = new MemberLogic(silo.SiloAddress, _member.Incarnation, new LeaseTimes(
            (long)_options.Heartbeat.TotalMilliseconds, (long)_options.Lease.TotalMilliseconds, (long)_options.EffectiveLeaseMargin.TotalMilliseconds));
        Knowledge = new ClusterKnowledge(silo.SiloAddress);
        _lease.Begin();
        metrics.Observe(this, lease);
    }

    public ClusterKnowledge Knowledge { get; }

    public ClusterView View => Knowledge.View;

    /// <summary>Completes with the reason when this silo is out of the cluster and must not serve any more.</summary>
    public Task<string> Out => _out.Task;

    public Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken) => Knowledge.NextViewAsync(version, cancellationToken);

    /// <summary>Becomes a member that owns nothing yet, and begins to keep its lease.</summary>
    /// <exception cref="OrleansConfigurationException">The store or the cluster cannot take this silo.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await InsistAsync<object?>(
            async token =>
            {
                await _store.StartAsync(token);
                return null;
            },
            cancellationToken);
        await InsistAsync<object?>(
            async token =>
            {
                Learn(await _store.JoinAsync(_member, token));
                return null;
            },
            cancellationToken);

        // Joining grants no lease: when it is repeated, because its answer was lost, others may have seen the first one long ago.
        await InsistAsync<object?>(
            async token =>
            {
                var sentMs = EngineClock.RealMs;
                OnRenewed(sentMs, await _store.BeatAsync(_member.Incarnation, token));
                return null;
            },
            cancellationToken);
        _loops = Task.WhenAll(Task.Run(() => BeatAsync(_stop.Token), CancellationToken.None), Task.Run(() => FollowAsync(_stop.Token), CancellationToken.None));
    }

    /// <summary>Becomes an owner of grains.</summary>
    public async Task ActivateAsync(CancellationToken cancellationToken)
    {
        await MoveToAsync(SiloStatus.Active, _options.JoinTimeout, cancellationToken);
        LogActive(_member.Name, _member.Address, View.Version, View.Members.Length);
    }

    /// <summary>Ceases to be an owner, if there are others. False if there are none: then nobody takes over.</summary>
    public async Task<bool> BeginLeaveAsync(CancellationToken cancellationToken)
    {
        if (_out.Task.IsCompleted || !View.Members.Any(member => member.Status == SiloStatus.Active && !member.Address.Equals(_member.Address))) return false;
        await MoveToAsync(SiloStatus.ShuttingDown, _options.Lease, cancellationToken);
        return true;
    }

    /// <summary>Is no member any more. Nothing must be active here by now. Fails silently if the store cannot be reached: the lease runs out all the same.</summary>
    public async Task LeaveAsync()
    {
        _lease.Drop();
        lock (_lock) _isLeaving = true;
        await StopLoopsAsync();
        if (_out.Task.IsCompleted || _logic.Row is null) return;
        try
        {
            Learn(await _calls.InsistAsync(
                token => _store.SetStatusAsync(_member.Incarnation, SiloStatus.Dead, token), _options.Heartbeat, LogStoreFailed, CancellationToken.None));
        }
        catch (Exception exception)
        {
            LogNotLeft(_member.Address, exception);
        }
    }

    /// <summary>Stops keeping the lease as a crash would; for tests.</summary>
    public void Kill()
    {
        _lease.Drop();
        _stop.Cancel();
    }

    /// <summary>Whether grains may have to be given up.</summary>
    public bool HandOverIsDue
    {
        get
        {
            lock (_lock) return _logic.HandOverIsDue;
        }
    }

    /// <summary>What this silo does not own in that view it has given up, but for grains with keys of these hashes. The store is told.</summary>
    public async Task HandedOverAsync(long version, ImmutableArray<long> held, CancellationToken cancellationToken)
    {
        lock (_lock) _logic.OnHandedOver(version, held);
        if (held.IsEmpty) Knowledge.Touch();
        try
        {
            await ReportAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // With the next heartbeat it is tried again.
            LogStoreFailed(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopLoopsAsync();
        _stop.Dispose();
    }

    private async Task StopLoopsAsync()
    {
        _metrics.Forget();
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        await _loops;
    }

    private async Task MoveToAsync(SiloStatus status, TimeSpan time, CancellationToken cancellationToken)
    {
        Learn(await _calls.InsistAsync(token => _store.SetStatusAsync(_member.Incarnation, status, token), time, LogStoreFailed, cancellationToken));
        lock (_lock)
        {
            if (_logic.Row is not { } row || row.Status < status || _logic.OutBecause is not null)
                throw new SiloUnavailableException($"Silo {_member.Address} could not become {status}: {_logic.OutBecause ?? "it is no member"}.");
        }
    }

    private Task<T> InsistAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        _calls.InsistAsync(call, _options.JoinTimeout, LogStoreFailed, cancellationToken);

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested && !_out.Task.IsCompleted)
        {
            var sentMs = EngineClock.RealMs;
            try
            {
                OnRenewed(sentMs, await _calls.RunAsync(token => _store.BeatAsync(_member.Incarnation, token), cancellationToken));
                failures = 0;
                await DeclareDeadAsync(cancellationToken);
                await ReportAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures++;
                _metrics.Failures.Add(1);
                if (failures == 1 || failures % FailuresPerLine == 0) LogStoreFailed(exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            NoteLapse();
            var passed = TimeSpan.FromMilliseconds(EngineClock.RealMs - sentMs);
            var pause = failures > 0 ? _calls.Pause(failures) : _options.Heartbeat > passed ? _options.Heartbeat - passed : TimeSpan.Zero;
            await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks at once when the store says that something changed. Heartbeats look too, should it not say so.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !_out.Task.IsCompleted)
        {
            try
            {
                await _store.WaitForChangeAsync(cancellationToken);
                Learn(await _calls.RunAsync(_store.ReadAsync, cancellationToken));
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotFollowed(exception);
                await Task.Delay(_options.Heartbeat, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task DeclareDeadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Suspect> suspects;
        lock (_lock) suspects = _logic.Suspects(_listener.IsListening ? _member.Place : null);
        foreach (var (row, heartbeat, isReplaced) in suspects)
        {
            var table = await _calls.RunAsync(token => _store.DeclareDeadAsync(row.Incarnation, heartbeat, token), cancellationToken);
            if (table.Find(row.Incarnation) is not { IsAlive: true })
            {
                if (isReplaced) LogReplaced(row.Name, row.Address);
                else LogDeclaredDead(row.Name, row.Address, _options.Lease);
            }

            Learn(table);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        long version;
        ImmutableArray<long> held;
        lock (_lock)
        {
            if (!_logic.ReportIsDue) return;
            version = _logic.HandedOver;
            held = _logic.Held;
        }

        Learn(await _calls.RunAsync(token => _store.ReportHandedOverAsync(_member.Incarnation, version, held, token), cancellationToken));
    }

    private void OnRenewed(long sentMs, MembershipTable table) => Apply(() => _logic.OnRenewed(sentMs, EngineClock.RealMs, table));

    private void Learn(MembershipTable table) => Apply(() => _logic.Learn(table));

    private void Apply(Func<bool> change)
    {
        string? reason;
        lock (_lock)
        {
            var before = _logic.Table;
            var held = _lease.Holds;
            var isNewer = change();
            reason = _isLeaving ? null : _logic.OutBecause;
            if (reason is not null) _lease.Drop();
            else if (!_stop.IsCancellationRequested) _lease.HoldUntil(_logic.DeadlineMs);
            if (isNewer)
            {
                Knowledge.Publish(_logic.Table, _logic.Ownership);
                if (before.Version != _logic.Table.Version) LogView(_logic.Table.Version, Describe(_logic.Table));
            }
            else if (!held && _lease.Holds)
            {
                Knowledge.Touch();
            }
        }

        if (reason is not null) _out.TrySetResult(reason);
    }

    private void NoteLapse()
    {
        var holds = _lease.Holds;
        if (_lapsed == !holds || _out.Task.IsCompleted) return;
        _lapsed = !holds;
        if (holds)
        {
            LogRegained(_member.Address);
        }
        else
        {
            _metrics.Lapses.Add(1);
            LogLapsed(_member.Address);
        }
    }

    private static string Describe(MembershipTable table) =>
        string.Join(", ", table.Rows.Where(row => row.IsAlive).Select(row => $"{row.Name} {row.Address} {row.Status}"));
}
