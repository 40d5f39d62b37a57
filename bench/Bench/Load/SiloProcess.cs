using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Warroom.Testing;

namespace Warroom.Bench.Load;

/// <summary>A silo with the bench's grains in a process of its own, in a cluster over PostgreSQL, and a client of it here.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private const string Ready = "silo is ready";
    private const string Secret = "the secret of the bench's cluster";

    private readonly Process _process;
    private bool _disposed;

    private SiloProcess(Process process) => _process = process;

    /// <summary>Processor seconds used so far.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>What the other process does.</summary>
    public static async Task ServeAsync(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Cluster:Secret"] = Secret;
        builder.UseOrleans(silo => silo
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connectionString))
            .AddMemoryStreams("warroom")
            .Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = IPAddress.Loopback;
                options.SiloListeningEndpoint = options.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, 0);
            }));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(Ready);
        await host.WaitForShutdownAsync();
    }

    public static async Task<SiloProcess> StartAsync(string connectionString)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(SiloProcess).Assembly.Location);
        start.ArgumentList.Add("serve-silo");
        start.ArgumentList.Add(connectionString);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The silo's process did not start.");
        var silo = new SiloProcess(process);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line == Ready) return silo;
        await silo.DisposeAsync();
        throw new InvalidOperationException("The silo did not become ready.");
    }

    /// <summary>A client in this process.</summary>
    public static async Task<IHost> ConnectAsync(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Cluster:Secret"] = Secret;
        builder.UseOrleansClient(client => client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connectionString)).AddMemoryStreams("warroom"));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>The tables of the membership.</summary>
    public static async Task PrepareAsync(string connectionString)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(connectionString);
        foreach (var script in Directory.GetFiles(Path.Combine(Repository.Root, "sql"), "*cluster*.sql").Order(StringComparer.Ordinal))
        {
            await using var command = source.CreateCommand(await File.ReadAllTextAsync(script));
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Asks it to end in order, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await signal.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
