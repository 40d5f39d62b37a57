using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Membership;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>
/// Ticks the reminders of the grains that this silo owns. The table is read at start, with every change of the cluster and when everything is handed over after it, and every <see cref="ReminderOptions.RefreshReminderListPeriod"/>, for what was changed elsewhere.
/// A tick that the grain has taken is noted in the table, so that a silo that takes a reminder over knows whether one is owed: a tick comes at least once, whoever dies. What is late, after a restart or an outage, is spread.
/// </summary>
internal sealed partial class ReminderService(
    IReminderTable table, SiloRuntime runtime, IMembership membership, IOptions<ReminderOptions> options, ILogger<ReminderService> logger)
    : IReminderRegistry, ISiloPart, IDisposable
{
    /// <summary>Ticks that are owed begin so far apart.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(5);

    /// <summary>So many ticks of one silo are under way at once.</summary>
    private const int AtOnceMax = 256;

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(GrainId Grain, string Name), LocalReminder> _local = new();
    private readonly SemaphoreSlim _ticking = new(AtOnceMax);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _refreshing = new(1);
    private readonly Lock _spreadLock = new();
    private readonly Lock _changeLock = new();
    private HashSet<(GrainId Grain, string Name)>? _changedMeanwhile;
    private DateTime _lastOwed;
    private ITimer? _refresh;
    private Task _following = Task.CompletedTask;
    private volatile bool _stopped;
    private bool _disposed;

    private TimeProvider Time => runtime.Clock.TimeProvider;

    private DateTime Now => Time.GetUtcNow().UtcDateTime;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.InitializationTimeout);
        await table.StartAsync(limit.Token);
        await RefreshAsync(limit.Token);
        var period = options.Value.RefreshReminderListPeriod;
        _refresh = Time.CreateTimer(static self => _ = ((ReminderService)self!).TryRefreshAsync(), this, period, period);
        _following = CleanFlow.Run(() => Task.Run(FollowAsync, CancellationToken.None));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        await _stop.CancelAsync();
        if (_refresh is not null) await _refresh.DisposeAsync();
        await _following;
        foreach (var reminder in _local.Values) reminder.Dispose();
        _local.Clear();
        await EndTicksAsync(cancellationToken);
    }

    /// <summary>Ends it without waiting: after a silo that was killed, or is out of its cluster, nothing has stopped it.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = _stopped = true;
        _stop.Cancel();
        _refresh?.Dispose();
        foreach (var reminder in _local.Values) reminder.Dispose();
        _local.Clear();
        _refreshing.Dispose();
        _ticking.Dispose();
        _stop.Dispose();
    }

    public async Task<IGrainReminder> RegisterOrUpdateAsync(GrainId grainId, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod || period <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"Cannot register reminder {name} of grain {grainId}: its period {period} is below the minimum {options.Value.MinimumReminderPeriod}.", nameof(period));
        }

        var now = Now;
        if (dueTime >= DateTime.MaxValue - now || period >= DateTime.MaxValue - now - dueTime)
            throw new ArgumentException($"Cannot register reminder {name} of grain {grainId}: with due time {dueTime} and period {period} its second tick would be after the last day of the calendar.", nameof(period));

        // As the table holds times: to the microsecond.
        var start = now + dueTime;
        start = new DateTime(start.Ticks - (start.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        var entry = await table.UpsertAsync(new ReminderEntry(grainId, name, start, period, ""));
        lock (_changeLock)
        {
            _changedMeanwhile?.Add((grainId, name));
            Arm(entry);
        }

        return entry;
    }

    public async Task UnregisterAsync(GrainId grainId, IGrainReminder reminder)
    {
        await table.RemoveAsync(grainId, reminder.ReminderName);
        lock (_changeLock)
        {
            _changedMeanwhile?.Add((grainId, reminder.ReminderName));
            if (_local.TryRemove((grainId, reminder.ReminderName), out var local)) local.Dispose();
        }
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grainId, string name) => await table.ReadAsync(grainId, name);

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grainId) => [.. await table.ReadAsync(grainId)];

    private bool Owns(GrainId grainId) => runtime.IsActive && runtime.Address.Equals(runtime.Placement.Locate(grainId));

    private void Arm(ReminderEntry entry)
    {
        if (_stopped || !Owns(entry.GrainId)) return;
        if (entry.Period <= TimeSpan.Zero) throw new ArgumentException($"Reminder {entry.Name} of grain {entry.GrainId} has no period: {entry.Period}.", nameof(entry));
        _local.AddOrUpdate(
            (entry.GrainId, entry.Name),
            _ => new LocalReminder(this, entry),
            (_, old) =>
            {
                if (old.Entry.ETag == entry.ETag && old.Entry.StartAt == entry.StartAt) return old;
                old.Dispose();
                return new LocalReminder(this, entry);
            }).Start();
    }

    /// <summary>Reads the table: what it has and this silo owns is armed, and nothing else.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            lock (_changeLock) _changedMeanwhile = [];
            await ReadAndArmAsync(cancellationToken);
        }
        finally
        {
            lock (_changeLock) _changedMeanwhile = null;
            Release(_refreshing);
        }
    }

    private async Task ReadAndArmAsync(CancellationToken cancellationToken)
    {
        var entries = await table.ReadAllAsync(cancellationToken);
        var known = entries.Select(entry => (entry.GrainId, entry.Name)).ToHashSet();
        foreach (var entry in entries) await ArmAsReadAsync(entry);

        foreach (var (key, reminder) in _local)
        {
            // One that was registered while the table was being read is looked for once more.
            if (Owns(key.Grain) && (known.Contains(key) || await table.ReadAsync(key.Grain, key.Name) is not null)) continue;
            if (_local.TryRemove(new(key, reminder))) reminder.Dispose();
        }
    }

    /// <summary>Arms what was read. A row that was changed here since the reading began is read again, however often that takes: what was read of it is old.</summary>
    private async Task ArmAsReadAsync(ReminderEntry read)
    {
        for (var entry = read; entry is not null;)
        {
            lock (_changeLock)
            {
                if (!_changedMeanwhile!.Remove((entry.GrainId, entry.Name)))
                {
                    TryArm(entry);
                    return;
                }
            }

            entry = await table.ReadAsync(entry.GrainId, entry.Name);
        }
    }

    private void TryArm(ReminderEntry entry)
    {
        try
        {
            Arm(entry);
        }
        catch (Exception exception)
        {
            // It is no reason for the others not to tick.
            LogNotArmed(entry.Name, entry.GrainId, exception);
        }
    }

    private async Task<bool> TryRefreshAsync()
    {
        try
        {
            await RefreshAsync(_stop.Token);
            return true;
        }
        catch (Exception) when (_stopped)
        {
            return true;
        }
        catch (Exception exception)
        {
            LogRefreshFailed(exception);
            return false;
        }
    }

    /// <summary>
    /// With every change of who is there, reminders are taken over and given up: at once, so that ticks go on, and again when those who owned them before have handed everything over, for until then their grains, in calls that
    /// were still held there, may have changed what had been read.
    /// </summary>
    private async Task FollowAsync()
    {
        try
        {
            var (version, wasSettled) = (0L, false);
            while (true)
            {
                var changed = runtime.Placement.Changed;
                var view = membership.View.Version;
                var isSettled = runtime.Placement.IsSettled;
                if (view > version || (isSettled && !wasSettled))
                    while (!await TryRefreshAsync()) await Task.Delay(RetryPause, TimeProvider.System, _stop.Token);
                (version, wasSettled) = (view, isSettled);
                await changed.WaitAsync(_stop.Token);
            }
        }
        catch (Exception exception) when (_stopped && exception is OperationCanceledException or ObjectDisposedException)
        {
            // The silo stops.
        }
    }

    /// <summary>When a tick that is owed may begin: after a restart or an outage many are.</summary>
    private DateTime NextOwed(DateTime now)
    {
        lock (_spreadLock) return _lastOwed = _lastOwed + Spread > now ? _lastOwed + Spread : now;
    }

    /// <summary>Whether a call failed without its grain, or perhaps so: it was refused on the way, or nobody knows what became of it.</summary>
    private static bool MayNotHaveArrived(Exception exception) =>
        exception is OrleansMessageRejectionException or LimitExceededException or GatewayTooBusyException or TimeoutException;

    /// <summary>Gives a tick to the grain. False: it is not sure that the grain got it.</summary>
    private async Task<bool> TryTickAsync(ReminderEntry entry, DateTime due)
    {
        try
        {
            await _ticking.WaitAsync(_stop.Token);
        }
        catch (Exception) when (_stopped)
        {
            return false;
        }

        try
        {
            return await GiveAsync(entry, due);
        }
        finally
        {
            Release(_ticking);
        }
    }

    private async Task<bool> GiveAsync(ReminderEntry entry, DateTime due)
    {
        try
        {
            var grain = (IRemindable)(object)runtime.Factory.Create(typeof(IRemindable), entry.GrainId);
            await grain.ReceiveReminder(entry.Name, TickStatus.Create(entry.StartAt, entry.Period, Now));
        }
        catch (Exception exception)
        {
            LogTickFailed(entry.Name, entry.GrainId, exception);
            if (MayNotHaveArrived(exception)) return false;
        }

        try
        {
            await table.NoteTickAsync(entry, due);
        }
        catch (Exception exception)
        {
            // Whoever takes the reminder over repeats the tick.
            LogNotNoted(entry.Name, entry.GrainId, exception);
        }

        return true;
    }

    /// <summary>Waits for the ticks that are under way, so that they are noted, but not for long.</summary>
    private async Task EndTicksAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EndPatience);
        try
        {
            for (var i = 0; i < AtOnceMax; i++) await _ticking.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // They come again, from whoever takes them over.
        }
    }

    private void Release(SemaphoreSlim semaphore)
    {
        try
        {
            semaphore.Release();
        }
        catch (ObjectDisposedException) when (_stopped)
        {
            // The silo's services are gone before the last of its work has ended.
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "The reminder table could not be read; the reminders known so far go on.")]
    private partial void LogRefreshFailed(Exception exception);

    [LoggerMessage(1202, LogLevel.Warning, "A tick of reminder {Reminder} failed in grain {GrainId}.")]
    private partial void LogTickFailed(string reminder, GrainId grainId, Exception exception);

    [LoggerMessage(1204, LogLevel.Error, "Reminder {Reminder} of grain {GrainId} does not tick: its row in the reminder table is not usable.")]
    private partial void LogNotArmed(string reminder, GrainId grainId, Exception exception);

    [LoggerMessage(1203, LogLevel.Warning, "A tick of reminder {Reminder} of grain {GrainId} could not be noted; it may come again.")]
    private partial void LogNotNoted(string reminder, GrainId grainId, Exception exception);

    /// <summary>The timer of one reminder. A tick that is still under way when the next is due makes that one wait.</summary>
    private sealed class LocalReminder(ReminderService service, ReminderEntry entry) : IDisposable
    {
        /// <summary>Timers cannot wait longer than that at once.</summary>
        private static readonly TimeSpan WaitMax = TimeSpan.FromDays(20);

        private readonly Lock _lock = new();
        private ITimer? _timer;
        private DateTime _due;
        private DateTime _wakeAt;
        private int _unsure;
        private bool _hasPlace;
        private bool _ended;

        public ReminderEntry Entry => entry;

        /// <summary>Goes on in step; the last tick that was due and not taken is owed.</summary>
        public void Start()
        {
            lock (_lock)
            {
                if (_timer is not null || _ended) return;
                var now = service.Now;
                if (entry.LastDue(now) is { } last && !(entry.LastTick >= last))
                {
                    _due = last;
                    TakePlace(now);
                }
                else
                {
                    _due = _wakeAt = entry.NextTick(now);
                }

                _timer = CleanFlow.Run(() => service.Time.CreateTimer(
                    static self => _ = ((LocalReminder)self!).OnDueAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
                Wait(now);
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _ended = true;
                _timer?.Dispose();
            }
        }

        private async Task OnDueAsync()
        {
            var now = service.Now;
            if (now >= _wakeAt)
            {
                if (_ended) return;
                if (entry.LastDue(now) is { } last && last > _due) _due = last;
                if (!service.Owns(entry.GrainId))
                {
                    (_wakeAt, _hasPlace) = (now + RetryPause, false);
                }
                else
                {
                    // What made it late, a lease that ran out or grains out of reach, made many late.
                    if (!_hasPlace && now - _due >= RetryPause) TakePlace(now);
                    if (now >= _wakeAt) await TickAsync();
                }
            }

            lock (_lock)
            {
                if (!_ended) Wait(service.Now);
            }
        }

        private void TakePlace(DateTime now) => (_wakeAt, _hasPlace) = (service.NextOwed(now), true);

        private async Task TickAsync()
        {
            _hasPlace = false;
            var isTaken = await service.TryTickAsync(entry, _due);
            var now = service.Now;
            if (isTaken)
            {
                _unsure = 0;
                _due = _wakeAt = entry.NextTick(now > _due ? now : _due);
                return;
            }

            // The pause doubles until the next tick is due: a grain that always takes too long to answer is not kept busy by repeats, and one that was out of reach gets its tick before it has been back for as long as it was away.
            var retry = now + (RetryPause * Math.Pow(2, Math.Min(_unsure++, 20)));
            var next = entry.NextTick(now);
            _wakeAt = retry < next ? retry : next;
        }

        private void Wait(DateTime now)
        {
            var wait = _wakeAt - now;
            _timer!.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < WaitMax ? wait : WaitMax, Timeout.InfiniteTimeSpan);
        }
    }
}
