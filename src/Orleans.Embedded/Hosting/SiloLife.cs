using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Management;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>
/// Starts the silo with its host and stops it: it leaves its cluster in order, and grains are told and end, as far as the host's time to stop allows.
/// </summary>
internal sealed partial class SiloLife(
    SiloRuntime runtime, IdleCollector collector, IEnumerable<ISiloPart> parts, IEnumerable<StartupTaskRegistration> startupTasks,
    IServiceProvider services, ILogger<SiloLife> logger) : IHostedService, ISiloKill
{
    private static readonly TimeSpan NextRound = TimeSpan.FromMilliseconds(100);

    private readonly ISiloTransport[] _transports = [.. parts.OfType<ISiloTransport>()];
    private readonly ISiloPart[] _parts = [.. parts.Where(part => part is not ISiloTransport)];
    private readonly SiloCluster? _cluster = services.GetService<SiloCluster>();
    private bool _killed;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        runtime.SystemTargets.Register(SiloControl.Name, new SiloControl(runtime, collector));
        runtime.Start();
        try
        {
            foreach (var transport in _transports) await transport.StartAsync(cancellationToken);
            if (_cluster is not null)
            {
                await _cluster.JoinAsync(cancellationToken);
                _ = EndWhenOutAsync(_cluster);
            }

            foreach (var part in _parts) await part.StartAsync(cancellationToken);
            if (_cluster is not null)
            {
                if (runtime.Network is { } network) await network.RequireAcceptedAsync(cancellationToken);
                await _cluster.ActivateAsync(cancellationToken);
            }

            collector.Start();
            LogStarted(runtime.Silo.Name, runtime.Address);
            foreach (var task in startupTasks.OrderBy(task => task.Stage)) await task.Run(services, cancellationToken);
        }
        catch
        {
            // A host that fails to start does not stop its services: the others should not have to wait for this silo's lease to run out.
            runtime.End();
            if (_cluster is not null) await _cluster.LeaveAsync();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_killed) return;
        if (runtime.Status == SiloStatus.Dead)
        {
            // It is out of its cluster: calls that were under way have their refusals by now.
            foreach (var transport in _transports) await transport.StopAsync(cancellationToken);
            return;
        }

        collector.Stop();
        if (_cluster is not null) await HandOverAsync(_cluster, cancellationToken);
        if (runtime.Status == SiloStatus.Dead) return;
        runtime.BeginStop();
        foreach (var part in _parts.Reverse()) await part.StopAsync(cancellationToken);
        await DeactivateAllAsync(cancellationToken);
        runtime.End();
        foreach (var transport in _transports.Reverse()) await transport.StopAsync(cancellationToken);
        if (_cluster is not null) await _cluster.LeaveAsync();
        LogStopped(runtime.Silo.Name, runtime.Address);
    }

    public void Kill()
    {
        _killed = true;
        _cluster?.Kill();
        runtime.End();
        foreach (var transport in _transports) transport.Kill();
        Abandon(new SiloUnavailableException($"Silo {runtime.Address} was killed."));
    }

    /// <summary>The silo is no member any more although it did not leave: it serves nothing more, and its process ends, for a supervisor to start another.</summary>
    private async Task EndWhenOutAsync(SiloCluster cluster)
    {
        var reason = await cluster.Out;
        LogOut(runtime.Silo.Name, runtime.Address, reason);
        Abandon(new SiloUnavailableException($"Silo {runtime.Address} is out of its cluster: {reason}."));
        Environment.ExitCode = 1;
        services.GetService<IHostApplicationLifetime>()?.StopApplication();
    }

    private void Abandon(SiloUnavailableException gone)
    {
        runtime.End();
        collector.Stop();
        foreach (var activation in runtime.Catalog.Activations().ToList()) activation.Abandon(gone);
    }

    private async Task HandOverAsync(SiloCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            await cluster.HandOverAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogOutOfTime(runtime.Catalog.ActivationCount);
        }
        catch (Exception exception)
        {
            // The store is away, or the silo was declared dead meanwhile: it ends without handing over.
            LogNotHandedOver(exception);
        }
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

    [LoggerMessage(1103, LogLevel.Warning, "Time to stop is up: {Count} activations were not ended in order.")]
    private partial void LogOutOfTime(int count);

    [LoggerMessage(1104, LogLevel.Warning, "The silo's grains could not be handed over to others; they start anew there.")]
    private partial void LogNotHandedOver(Exception exception);

    [LoggerMessage(1105, LogLevel.Critical, "Silo {SiloName} at {SiloAddress} is out of its cluster: {Reason}. It serves nothing more and ends with exit code 1; start it again.")]
    private partial void LogOut(string siloName, SiloAddress siloAddress, string reason);
}

/// <summary>A part of the silo that starts before grains are called and stops before they end.</summary>
internal interface ISiloPart
{
    Task StartAsync(CancellationToken cancellationToken);

    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>A part that carries calls between silos: it starts before the silo joins its cluster and stops when its grains have ended.</summary>
internal interface ISiloTransport : ISiloPart
{
    /// <summary>Ends as a crash would; for tests.</summary>
    void Kill();
}
