using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Activations;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>Starts the silo with its host and stops it: grains are told and end, as far as the host's time to stop allows.</summary>
internal sealed partial class SiloLife(
    SiloRuntime runtime, IdleCollector collector, IEnumerable<ISiloPart> parts, IEnumerable<StartupTaskRegistration> startupTasks,
    IOptions<AdoNetClusteringSiloOptions> clustering, IServiceProvider services, ILogger<SiloLife> logger) : IHostedService, ISiloKill
{
    private static readonly TimeSpan NextRound = TimeSpan.FromMilliseconds(100);

    private readonly ISiloPart[] _parts = [.. parts];
    private bool _killed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        runtime.Start();
        foreach (var part in _parts) await part.StartAsync(cancellationToken);
        collector.Start();
        LogStarted(runtime.Silo.Name, runtime.Address);
        if (clustering.Value.ConnectionString.Length > 0) LogAlone();
        foreach (var task in startupTasks.OrderBy(task => task.Stage)) await task.Run(services, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_killed || runtime.Status == SiloStatus.Dead) return;
        collector.Stop();
        runtime.BeginStop();
        foreach (var part in _parts.Reverse()) await part.StopAsync(cancellationToken);
        await DeactivateAllAsync(cancellationToken);
        runtime.End();
        LogStopped(runtime.Silo.Name, runtime.Address);
    }

    public void Kill()
    {
        _killed = true;
        runtime.End();
        collector.Stop();
        var gone = new SiloUnavailableException($"Silo {runtime.Address} was killed.");
        foreach (var activation in runtime.Catalog.Activations().ToList()) activation.Abandon(gone);
    }

    private async Task DeactivateAllAsync(CancellationToken cancellationToken)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is stopping.");
        var gone = new SiloUnavailableException($"Silo {runtime.Address} has stopped.");
        try
        {
            // Grains that end may still make calls among each other; those that were called meanwhile are found in the next round.
            while (runtime.Catalog.Activations().ToList() is { Count: > 0 } activations)
            {
                foreach (var activation in activations) activation.Deactivate(reason, cancellationToken);
                await Task.WhenAny(Task.WhenAll(activations.Select(activation => activation.Deactivated)), Task.Delay(NextRound, TimeProvider.System, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogOutOfTime(runtime.Catalog.ActivationCount);
        }

        foreach (var activation in runtime.Catalog.Activations().ToList()) activation.Abandon(gone);
    }

    [LoggerMessage(1101, LogLevel.Information, "Silo {SiloName} at {SiloAddress} serves.")]
    private partial void LogStarted(string siloName, SiloAddress siloAddress);

    [LoggerMessage(1102, LogLevel.Information, "Silo {SiloName} at {SiloAddress} has stopped.")]
    private partial void LogStopped(string siloName, SiloAddress siloAddress);

    [LoggerMessage(1104, LogLevel.Warning, "Clustering over a database is set up, but the embedded engine runs one silo so far: run one process only.")]
    private partial void LogAlone();

    [LoggerMessage(1103, LogLevel.Warning, "Time to stop is up: {Count} activations were not ended in order.")]
    private partial void LogOutOfTime(int count);
}

/// <summary>A part of the silo that starts before grains are called and stops before they end.</summary>
internal interface ISiloPart
{
    Task StartAsync(CancellationToken cancellationToken);

    Task StopAsync(CancellationToken cancellationToken);
}
