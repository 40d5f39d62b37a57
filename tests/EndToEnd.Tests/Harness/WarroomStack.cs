using System.Net.Http.Json;

using Warroom.Testing;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// All of Warroom as real processes on free ports: a PostgreSQL of its own (so that a test may kill it), the simulated model and the front end
/// with its silo. One for each class of tests; disposing stops and removes everything.
/// </summary>
public sealed class WarroomStack : IAsyncDisposable
{
    private WarroomStack(PostgresServer postgres, TestDatabase database, ServerProcess model, ServerProcess frontend)
    {
        Postgres = postgres;
        Database = database;
        Model = model;
        Frontend = frontend;
    }

    public PostgresServer Postgres { get; }

    public TestDatabase Database { get; }

    public ServerProcess Model { get; }

    public ServerProcess Frontend { get; }

    /// <summary>Starts a stack.</summary>
    /// <param name="modelArguments">For the simulated model: its speed and its faults.</param>
    /// <param name="settings">For the front end, as environment variables (<c>Section__Name</c>).</param>
    public static async Task<WarroomStack> StartAsync(IReadOnlyList<string>? modelArguments = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var postgres = await PostgresServer.StartPrivateAsync();
        var database = await postgres.CreateDatabaseAsync();
        var model = await StartModelAsync(modelArguments ?? []);
        var environment = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            [PostgresServer.ConnectionStringVariable] = database.ConnectionString,
            ["Ollama__Endpoints__0"] = model.Address.GetLeftPart(UriPartial.Authority),
        };
        var port = Binaries.FreePort();
        var frontend = await ServerProcess.StartAsync(
            "warroom",
            port,
            "dotnet",
            [Binaries.Frontend, "--contentRoot", Binaries.FrontendFolder, "--urls", $"http://127.0.0.1:{port}", "--Warroom:SampleServices=true"],
            environment,
            "ready");
        return new WarroomStack(postgres, database, model, frontend);
    }

    /// <summary>Tells the simulated model how to behave from the next request on (members of its <c>SimKnobs</c>).</summary>
    public async Task SetModelAsync(object knobs)
    {
        using var response = await Model.Http.PostAsJsonAsync("sim/knobs", knobs);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await Frontend.DisposeAsync();
        await Model.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    private static Task<ServerProcess> StartModelAsync(IReadOnlyList<string> arguments)
    {
        var port = Binaries.FreePort();
        return ServerProcess.StartAsync(
            "ollama-sim",
            port,
            "dotnet",
            [Binaries.OllamaSim, "--urls", $"http://127.0.0.1:{port}", .. arguments],
            new Dictionary<string, string?>(StringComparer.Ordinal),
            "api/tags");
    }
}
