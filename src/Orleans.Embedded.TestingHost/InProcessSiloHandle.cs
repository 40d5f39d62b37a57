using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Embedded.Hosting;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster that runs in the test's process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private volatile bool _active = true;

    /// <summary>The silo's host.</summary>
    public IHost SiloHost { get; init; } = null!;

    /// <summary>The silo's services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => _active;

    /// <inheritdoc/>
    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (!stopGracefully) SiloHost.Services.GetRequiredService<ISiloKill>().Kill();
        await StopSiloAsync(stopGracefully ? CancellationToken.None : new CancellationToken(canceled: true));
    }

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (!_active) return;
        _active = false;
        try
        {
            await SiloHost.StopAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Time to stop was up; the host is disposed all the same.
        }
        finally
        {
            await DisposeHostAsync();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _active) StopSiloAsync(true).GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(true);
        GC.SuppressFinalize(this);
    }

    private async Task DisposeHostAsync()
    {
        if (SiloHost is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else SiloHost.Dispose();
    }
}
