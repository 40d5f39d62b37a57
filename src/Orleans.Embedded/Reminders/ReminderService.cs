using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Embedded.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>
/// Ticks the reminders of this silo's grains. A reminder that is registered here ticks from then on; the table is read at start and again every
/// <see cref="ReminderOptions.RefreshReminderListPeriod"/>, for what was changed elsewhere.
/// </summary>
internal sealed partial class ReminderService(
    IReminderTable table, SiloRuntime runtime, IOptions<ReminderOptions> options, ILogger<ReminderService> logger) : IReminderRegistry, ISiloPart
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), LocalReminder> _local = new();
    private ITimer? _refresh;
    private volatile bool _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.InitializationTimeout);
        await table.StartAsync(limit.Token);
        await RefreshAsync(limit.Token);
        var period = options.Value.RefreshReminderListPeriod;
        _refresh = runtime.Clock.TimeProvider.CreateTimer(static self => _ = ((ReminderService)self!).TryRefreshAsync(), this, period, period);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        if (_refresh is not null) await _refresh.DisposeAsync();
        foreach (var reminder in _local.Values) reminder.Dispose();
        _local.Clear();
    }

    public async Task<IGrainReminder> RegisterOrUpdateAsync(GrainId grainId, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod || period <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"Cannot register reminder {name} of grain {grainId}: its period {period} is below the minimum {options.Value.MinimumReminderPeriod}.", nameof(period));
        }

        var start = runtime.Clock.TimeProvider.GetUtcNow().UtcDateTime + dueTime;
        var entry = await table.UpsertAsync(new ReminderEntry(grainId, name, start, period, ""));
        Arm(entry, registeredNow: true);
        return entry;
    }

    public async Task UnregisterAsync(GrainId grainId, IGrainReminder reminder)
    {
        await table.RemoveAsync(grainId, reminder.ReminderName);
        if (_local.TryRemove((grainId, reminder.ReminderName), out var local)) local.Dispose();
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grainId, string name) => await table.ReadAsync(grainId, name);

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grainId) => [.. await table.ReadAsync(grainId)];

    private void Arm(ReminderEntry entry, bool registeredNow)
    {
        if (_stopped) return;
        _local.AddOrUpdate(
            (entry.GrainId, entry.Name),
            _ => new LocalReminder(this, entry),
            (_, old) =>
            {
                if (old.Entry.ETag == entry.ETag && old.Entry.StartAt == entry.StartAt) return old;
                old.Dispose();
                return new LocalReminder(this, entry);
            }).Start(registeredNow);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var entries = await table.ReadAllAsync(cancellationToken);
        var known = entries.Select(entry => (entry.GrainId, entry.Name)).ToHashSet();
        foreach (var entry in entries) Arm(entry, registeredNow: false);
        foreach (var (key, reminder) in _local)
        {
            // One that was registered while the table was being read is looked for once more.
            if (known.Contains(key) || await table.ReadAsync(key.Grain, key.Name) is not null) continue;
            if (_local.TryRemove(new(key, reminder))) reminder.Dispose();
        }
    }

    private async Task TryRefreshAsync()
    {
        try
        {
            await RefreshAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogRefreshFailed(exception);
        }
    }

    private async Task TickAsync(LocalReminder reminder, DateTime now)
    {
        var entry = reminder.Entry;
        try
        {
            var grain = (IRemindable)(object)runtime.Factory.Create(typeof(IRemindable), entry.GrainId);
            await grain.ReceiveReminder(entry.Name, TickStatus.Create(entry.StartAt, entry.Period, now));
        }
        catch (Exception exception)
        {
            LogTickFailed(entry.Name, entry.GrainId, exception);
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "The reminder table could not be read; the reminders known so far go on.")]
    private partial void LogRefreshFailed(Exception exception);

    [LoggerMessage(1202, LogLevel.Warning, "A tick of reminder {Reminder} failed in grain {GrainId}; the next comes in its time.")]
    private partial void LogTickFailed(string reminder, GrainId grainId, Exception exception);

    /// <summary>The timer of one reminder. A tick that is still under way when the next is due makes that one wait.</summary>
    private sealed class LocalReminder(ReminderService service, ReminderEntry entry) : IDisposable
    {
        /// <summary>Timers cannot wait longer than that at once.</summary>
        private static readonly TimeSpan WaitMax = TimeSpan.FromDays(20);

        private readonly Lock _lock = new();
        private ITimer? _timer;
        private DateTime _due;
        private bool _ended;

        public ReminderEntry Entry => entry;

        /// <summary>One that was registered just now ticks its first time whatever time the writing took; one that is read goes on in step.</summary>
        public void Start(bool registeredNow)
        {
            lock (_lock)
            {
                if (_timer is not null || _ended) return;
                var now = service.Now;
                _due = registeredNow || now <= entry.StartAt ? entry.StartAt : entry.NextTick(now);
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
            if (now >= _due)
            {
                if (_ended) return;
                await service.TickAsync(this, now);
                _due = entry.NextTick(service.Now > _due ? service.Now : _due);
            }

            lock (_lock)
            {
                if (!_ended) Wait(service.Now);
            }
        }

        private void Wait(DateTime now)
        {
            var wait = _due - now;
            _timer!.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < WaitMax ? wait : WaitMax, Timeout.InfiniteTimeSpan);
        }
    }

    private TimeProvider Time => runtime.Clock.TimeProvider;

    private DateTime Now => Time.GetUtcNow().UtcDateTime;
}
