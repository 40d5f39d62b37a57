using Npgsql;

namespace Warroom.Testing;

/// <summary>
/// A real PostgreSQL for tests. The shared one is what <c>ConnectionStrings__Warroom</c> names (its role must be allowed to create
/// databases), or else a private one that the test process starts through <c>eng/postgres.sh</c>, in a temporary folder, and that is stopped
/// and removed when the test process is gone, however it went. A test that wants to kill its server takes one of its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Environment variable that names a server to use instead of a private one.</summary>
    public const string ConnectionStringVariable = "ConnectionStrings__Warroom";

    private static readonly SemaphoreSlim SharedGate = new(1, 1);
    private static PostgresServer? _shared;
    private readonly string? _folder;

    private PostgresServer(string connectionString, string? folder)
    {
        ConnectionString = connectionString;
        _folder = folder;
    }

    /// <summary>A connection to the maintenance database, by a role that may create databases.</summary>
    public string ConnectionString { get; }

    /// <summary>The server that all tests of this process share; started by whoever asks first. Never dispose it.</summary>
    public static async Task<PostgresServer> SharedAsync()
    {
        await SharedGate.WaitAsync();
        try
        {
            return _shared ??= await StartSharedAsync();
        }
        finally
        {
            SharedGate.Release();
        }
    }

    /// <summary>Starts a private server for the caller alone, which may kill, stop and restart it.</summary>
    public static async Task<PostgresServer> StartPrivateAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"warroom-pg-{Guid.NewGuid():N}"[..23]);
        return new PostgresServer(await StartInAsync(folder), folder);
    }

    /// <summary>Creates an empty database, which is dropped when the result is disposed.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = $"warroom_test_{Guid.NewGuid():N}"[..28];
        await ExecuteAsync($"CREATE DATABASE {name}");
        var connectionString = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
        return new TestDatabase(this, name, connectionString);
    }

    /// <summary>SIGKILL for the server and all its processes at once, as when the machine's memory runs out.</summary>
    public Task KillAsync() => ScriptAsync("kill");

    /// <summary>A clean, fast shutdown: sessions are ended, everything is written.</summary>
    public Task StopAsync() => ScriptAsync("stop");

    /// <summary>Starts a stopped or killed server again, on the same port and data.</summary>
    public Task StartAgainAsync() => StartInAsync(PrivateFolder());

    /// <summary>Stops a private server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await ScriptAsync("stop", "--discard");
        }
    }

    internal async Task ExecuteAsync(string sql)
    {
        // Not pooled: template1 must have no other session while CREATE DATABASE copies it.
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<PostgresServer> StartSharedAsync() =>
        Environment.GetEnvironmentVariable(ConnectionStringVariable) is { Length: > 0 } named
            ? new PostgresServer(named, folder: null)
            : await StartPrivateAsync();

    private static async Task<string> StartInAsync(string folder)
    {
        await RunScriptAsync("start", "--data", folder, "--until-exit-of", Environment.ProcessId.ToString(), "--discard");
        return await RunScriptAsync("url", "--data", folder, "--superuser");
    }

    private static async Task<string> RunScriptAsync(params string[] arguments)
    {
        await using var script = ProcessUnderTest.Start(Path.Combine(Repository.Root, "eng", "postgres.sh"), arguments);
        var exitCode = await script.WaitForExitAsync($"eng/postgres.sh {arguments[0]}", TimeSpan.FromMinutes(2));
        return exitCode == 0
            ? script.Lines.Count == 0 ? string.Empty : script.Lines[^1]
            : throw new InvalidOperationException($"eng/postgres.sh {arguments[0]} failed:{Environment.NewLine}{string.Join(Environment.NewLine, script.Lines)}");
    }

    private Task ScriptAsync(string command, params string[] options) => RunScriptAsync([command, "--data", PrivateFolder(), .. options]);

    private string PrivateFolder() =>
        _folder ?? throw new InvalidOperationException($"The server that {ConnectionStringVariable} names is not the tests' to stop.");
}
