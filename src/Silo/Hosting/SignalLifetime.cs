using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Warroom.Hosting;

/// <summary>Ends the process in order on SIGTERM, SIGINT (Ctrl-C) and SIGQUIT; the second signal ends it at once, as if nobody listened.</summary>
internal sealed class SignalLifetime(GracefulStop stop) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            return;
        context.Cancel = true;
        _ = stop.StopAsync(context.Signal.ToString());
    }
}
