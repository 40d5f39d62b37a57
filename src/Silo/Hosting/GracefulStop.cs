using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Warroom.Hosting;

/// <summary>
/// Ends the process in order: <c>/ready</c> says no, then nothing new is accepted, what is in flight finishes (<see cref="ShutdownOptions.DrainTime"/>), and only then the host stops: the silo hands its grains
/// over while it can still be called.
/// </summary>
public sealed partial class GracefulStop(
    Readiness readiness, InFlight inFlight, IServer server, IEnumerable<IFarewell> farewells, IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options, TimeProvider time, ILogger<GracefulStop> logger)
{
    private readonly Lock _gate = new();
    private Task? _stopping;

    /// <summary>Begins; called again, it goes on. Completes when the host has been told to stop; never fails.</summary>
    /// <param name="reason">For the log: who wants it.</param>
    public Task StopAsync(string reason)
    {
        lock (_gate)
            return _stopping ??= Task.Run(() => StopInOrderAsync(reason));
    }

    private async Task StopInOrderAsync(string reason)
    {
        try
        {
            LogBegins(reason);
            readiness.Leave();
            if (options.Value.NotReadyTime > TimeSpan.Zero)
                await Task.Delay(options.Value.NotReadyTime, time, lifetime.ApplicationStopping);
            await DrainAsync();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The host stops for another reason: then it need not be told.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Environment.ExitCode = 1;
            LogFailed(exception);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task DrainAsync()
    {
        var drainTime = options.Value.DrainTime;
        var started = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(drainTime, time);
        LogDraining(drainTime);

        // Not by the server's own stop: that cancels the reading of bodies that are on their way (Kestrel, .NET 10), so that what is in flight would fail.
        var finished = inFlight.CloseAsync(timeout.Token);
        foreach (var farewell in farewells)
            await farewell.SayAsync(timeout.Token);
        if (await finished)
            LogDrained((long)time.GetElapsedTime(started).TotalMilliseconds);
        else
            LogCut(drainTime, inFlight.Count);
        await server.StopAsync(timeout.Token);
    }
}
