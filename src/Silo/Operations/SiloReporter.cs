using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Runtime;
using Warroom.Hosting;

namespace Warroom.Operations;

/// <summary>
/// Tells operators once a second how this silo is, and does what they ask of it. Registered before the silo, so that it begins before it and ends after it: a drain can be watched to its end.
/// Works with any engine: what one does not tell stays out.
/// </summary>
internal sealed partial class SiloReporter : BackgroundService
{
    private const int KindsMax = 50;

    /// <summary>How many activations may be walked over in a second. By count and not by the clock: on a busy machine a walk of a few takes long too, and is no reason to look away.</summary>
    private const int WalkedPerSecond = 20_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RemovalPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);
    private static readonly string Version = typeof(SiloReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly IServiceProvider _services;
    private readonly ILocalSiloDetails _silo;
    private readonly CallTimes _calls;
    private readonly EngineGauges _engine;
    private readonly ProcessGauges _process;
    private readonly CallWindow _window;
    private readonly SiloReportTable _table;
    private readonly GracefulStop _stop;
    private readonly Readiness _readiness;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloReporter> _logger;
    private readonly DateTimeOffset _startedAt;
    private readonly long _started;
    private readonly bool _withFrontend;
    private readonly Lock _endGate = new();
    private ImmutableArray<GrainCount> _grains = [];
    private long _activations;
    private long? _waiting;
    private long? _activationsBeforeDrain;
    private long _walkedAt;
    private TimeSpan _walkPause;
    private long? _removedAt;
    private bool _silent;
    private bool _begun;
    private Task? _ending;

    public SiloReporter(
        IServiceProvider services, ILocalSiloDetails silo, CallTimes calls, IMeterFactory meters, NpgsqlDataSource database, GracefulStop stop, Readiness readiness, IHostApplicationLifetime lifetime,
        ProcessKind kind, TimeProvider time, ILogger<SiloReporter> logger)
    {
        _services = services;
        _silo = silo;
        _calls = calls;
        _engine = new(meters);
        _process = new(time);
        _window = new(time);
        _table = new(database, silo.ClusterId, silo.SiloAddress.ToParsableString(), silo.Name);
        _stop = stop;
        _readiness = readiness;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        _startedAt = time.GetUtcNow();
        _started = time.GetTimestamp();
        _withFrontend = kind.WithFrontend;
    }

    private bool IsStarted => _lifetime.ApplicationStarted.IsCancellationRequested;

    private bool IsStopping => _readiness.IsLeaving || _lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>The last word comes when the silo has ended: what it had is handed over.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // A host may be stopped twice at once. The silo ends once, and whoever stops it waits for the last word: the database's pool is closed after that.
        if (!IsStarted)
            return;
        Task ending;
        lock (_endGate)
            ending = _ending ??= WriteLastAsync();
        await ending;
    }

    private async Task WriteLastAsync()
    {
        using var timeout = new CancellationTokenSource(WriteTimeout, _time);
        try
        {
            await _table.WriteAsync("stopped", _startedAt, Figures() with { Activations = 0, Grains = [], MailboxDepth = null }, timeout.Token);
            await _table.FinishAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogLastReportLost(exception.Message);
        }
    }

    public override void Dispose()
    {
        _engine.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                await ReportAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; StopAsync has the last word.
        }
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(WriteTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            await WalkAsync();
            if (IsStopping)
                _activationsBeforeDrain ??= _activations;
            var status = IsStopping ? "draining" : IsStarted ? "active" : "starting";
            var order = await _table.WriteAsync(status, _startedAt, Figures(), either.Token);
            if (IsStopping && !_begun)
            {
                _begun = true;
                await _table.BeginAsync(either.Token);
            }
            else if (order is { } drain && IsStarted && !IsStopping)
            {
                LogDrain(drain.RequestedBy, drain.Id);
                _ = _stop.StopAsync($"drain by {drain.RequestedBy}");
            }

            if (_removedAt is null || _time.GetElapsedTime(_removedAt.Value) > RemovalPeriod)
            {
                await _table.RemoveOldAsync(either.Token);
                _removedAt = _time.GetTimestamp();
            }

            if (_silent)
                LogHeardAgain();
            _silent = false;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
        {
            // Whatever it is, the silo itself goes on.
            if (!_silent)
                LogSilent(exception);
            _silent = true;
        }
    }

    /// <summary>Counts what is in memory, as often as it is cheap.</summary>
    private async Task WalkAsync()
    {
        if (!IsStarted || (_walkedAt != 0 && _time.GetElapsedTime(_walkedAt) < _walkPause))
            return;
        var (activations, waiting) = _engine.Read();
        _waiting = waiting;
        try
        {
            var management = _services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
            var counts = await management.GetSimpleGrainStatistics([_silo.SiloAddress]).WaitAsync(Period, _time);
            var own = counts.Where(count => !count.GrainType.StartsWith("Orleans.", StringComparison.Ordinal)).ToList();
            _grains = [.. own.GroupBy(count => KindOf(count.GrainType)).Select(kind => new GrainCount { Kind = kind.Key, Count = kind.Sum(count => (long)count.ActivationCount) }).OrderByDescending(kind => kind.Count).ThenBy(kind => kind.Kind, StringComparer.Ordinal).Take(KindsMax)];
            _activations = own.Sum(count => (long)count.ActivationCount);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or OperationCanceledException)
        {
            // A silo that stops takes no such call any more; its gauge still tells how many are left.
            LogNoFigures(exception);
            _activations = activations ?? _activations;
        }

        _walkedAt = _time.GetTimestamp();
        _walkPause = IsStopping || _activations < WalkedPerSecond ? TimeSpan.Zero : Period * ((double)_activations / WalkedPerSecond);
    }

    private SiloFigures Figures()
    {
        var calls = _window.Take(_calls.Read());
        return new()
        {
            Version = Version,
            Machine = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            WithFrontend = _withFrontend,
            Addresses = [.. _services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []],
            UptimeSeconds = Math.Round(_time.GetElapsedTime(_started).TotalSeconds, 1),
            Process = _process.Read(),
            Activations = _activations,
            Grains = _grains,
            CallsPerSecond = Math.Round(calls.PerSecond, 1),
            CallP50Ms = calls.MedianMs is { } median ? Math.Round(median, 3) : null,
            CallP99Ms = calls.P99Ms is { } p99 ? Math.Round(p99, 3) : null,
            MailboxDepth = _waiting,
            ActivationsBeforeDrain = _activationsBeforeDrain,
        };
    }

    /// <summary><c>Incident</c> of <c>Warroom.Incidents.IncidentGrain,Warroom.Grains</c>.</summary>
    private static string KindOf(string grainType)
    {
        var name = grainType.AsSpan();
        if (name.IndexOf(',') is >= 0 and var comma)
            name = name[..comma];
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.Length > 5 && name.EndsWith("Grain", StringComparison.Ordinal) ? name[..^5].ToString() : name.ToString();
    }
}
