using Warroom.Testing;

namespace Warroom.EndToEnd.Harness;

/// <summary>Warroom as a cluster of real processes on one PostgreSQL: silos and two front ends, each a process of its own on free ports. Disposing stops and removes everything.</summary>
public sealed class ClusterStack : IAsyncDisposable
{
    private const string Secret = "a secret of the end-to-end tests";
    private readonly PostgresServer _postgres;
    private readonly TestDatabase _database;

    private ClusterStack(PostgresServer postgres, TestDatabase database)
    {
        _postgres = postgres;
        _database = database;
    }

    /// <summary>By name: <c>silo-1</c>, …</summary>
    public SortedDictionary<string, ServerProcess> Silos { get; } = new(StringComparer.Ordinal);

    public IList<ServerProcess> Frontends { get; } = [];

    public static async Task<ClusterStack> StartAsync(int silos)
    {
        var postgres = await PostgresServer.StartPrivateAsync();
        var stack = new ClusterStack(postgres, await postgres.CreateDatabaseAsync());
        try
        {
            for (var number = 1; number <= silos; number++)
            {
                await stack.StartSiloAsync($"silo-{number}");
            }

            for (var number = 1; number <= 2; number++)
            {
                var port = Binaries.FreePort();
                stack.Frontends.Add(await ServerProcess.StartAsync(
                    $"frontend-{number}",
                    port,
                    "dotnet",
                    [Binaries.Frontend, "--contentRoot", Binaries.FrontendFolder, "--urls", $"http://127.0.0.1:{port}"],
                    stack.Environment(("Cluster__Role", "Client")),
                    "ready"));
            }

            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo and waits until it serves.</summary>
    public async Task StartSiloAsync(string name)
    {
        var port = Binaries.FreePort();
        Silos[name] = await ServerProcess.StartAsync(
            name,
            port,
            "dotnet",
            [Binaries.Silo, "--urls", $"http://127.0.0.1:{port}"],
            Environment(("Cluster__SiloName", name), ("Cluster__SiloPort", $"{Binaries.FreePort()}"), ("Cluster__GatewayPort", $"{Binaries.FreePort()}")),
            "ready");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Frontends.Concat(Silos.Values))
        {
            await process.DisposeAsync();
        }

        await _postgres.DisposeAsync();
    }

    private Dictionary<string, string?> Environment(params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [PostgresServer.ConnectionStringVariable] = _database.ConnectionString,
            ["Cluster__Secret"] = Secret,
            ["Ollama__Endpoints__0"] = $"http://127.0.0.1:{Binaries.FreePort()}",
            ["Postgres__PoolSizeMax"] = "15",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return environment;
    }
}
