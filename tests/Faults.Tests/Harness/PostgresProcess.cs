using System.Globalization;

using Npgsql;

using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>
/// A PostgreSQL that is a child of this process, so that it is gone at once when it is killed (PID 1 takes its time to reap a daemon, and until then the data cannot be used again). eng/postgres.sh makes it,
/// and removes it if this process dies first.
/// </summary>
public sealed class PostgresProcess : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _binary;
    private ProcessUnderTest? _server;

    private PostgresProcess(string folder, string binary, string superuser)
    {
        _folder = folder;
        _binary = binary;
        Superuser = superuser;
        Port = new NpgsqlConnectionStringBuilder(superuser).Port;
    }

    public int Port { get; }

    /// <summary>Reaches the maintenance database, as superuser and without a pool.</summary>
    public string Superuser { get; }

    /// <summary>Where the server's files are.</summary>
    public string Data => Path.Combine(_folder, "pgdata");

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="folder">Where; a temporary folder unless given.</param>
    /// <param name="settings">Lines for postgresql.conf.</param>
    public static async Task<PostgresProcess> StartAsync(string? folder = null, params string[] settings)
    {
        // Whoever names the folder also removes it: the script's watcher would keep a file of it open.
        string[] watcher = folder is null ? ["--until-exit-of", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--discard"] : [];
        folder ??= Path.Combine(Path.GetTempPath(), $"warroom-fault-{Guid.NewGuid():N}"[..26]);
        await ScriptAsync(["start", "--data", folder, .. watcher]);
        var superuser = new NpgsqlConnectionStringBuilder(await ScriptAsync("url", "--data", folder, "--superuser")) { Pooling = false, Timeout = 15 }.ConnectionString;
        var pid = (await File.ReadAllLinesAsync(Path.Combine(folder, "pgdata", "postmaster.pid")))[0];
        var binary = new FileInfo($"/proc/{pid}/exe").ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        await ScriptAsync("stop", "--data", folder);
        await File.AppendAllLinesAsync(Path.Combine(folder, "pgdata", "postgresql.conf"), settings);
        var postgres = new PostgresProcess(folder, binary, superuser);
        await postgres.StartAgainAsync();
        return postgres;
    }

    /// <summary>Starts the server on data that is there already, such as a copy of another's.</summary>
    public async Task<PostgresProcess> StartCopyAsync(string folder, int port)
    {
        var copy = new PostgresProcess(folder, _binary, new NpgsqlConnectionStringBuilder(Superuser) { Port = port }.ConnectionString);
        File.Delete(Path.Combine(copy.Data, "postmaster.pid"));
        try
        {
            await copy.StartAgainAsync($"port={port}");
            return copy;
        }
        catch
        {
            if (copy._server is { } server)
                await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it; returns when it takes connections.</summary>
    public async Task StartAgainAsync(params string[] settings)
    {
        string[] arguments = ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })];
        var isRoot = string.Equals(Environment.UserName, "root", StringComparison.Ordinal);
        var owner = isRoot ? await CommandAsync("stat", "-c", "%U", Data) : "";
        _server = isRoot
            ? ProcessUnderTest.Start("setpriv", [$"--reuid={owner}", $"--regid={await CommandAsync("id", "-g", owner)}", "--clear-groups", _binary, .. arguments], workingDirectory: "/")
            : ProcessUnderTest.Start(_binary, arguments, workingDirectory: "/");
        await Eventually.HoldsAsync("PostgreSQL to take connections", async () =>
        {
            if (_server.HasExited)
                throw new InvalidOperationException($"PostgreSQL ended with {_server.ExitCode}: {string.Join(Environment.NewLine, _server.Lines.TakeLast(10))}");
            try
            {
                await using var connection = new NpgsqlConnection(Superuser);
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    /// <summary>SIGKILL for the server and each of its processes; returns when they are gone.</summary>
    public async Task KillAsync()
    {
        var server = _server!;
        var children = (await CommandAsync("pgrep", "-P", $"{server.Id}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // The postmaster first: it would end its children more gently, or start new ones.
        await server.KillAsync();
        foreach (var child in children)
            await CommandAsync("kill", "-KILL", child);
        await Eventually.HoldsAsync("PostgreSQL's processes to go", () => !children.Any(child => Directory.Exists($"/proc/{child}") && !IsZombie(child)));
        await server.DisposeAsync();
        _server = null;
    }

    /// <summary>SIGSTOP for the server and each of its processes.</summary>
    public Task FreezeAsync() => SignalAllAsync("STOP");

    /// <summary>SIGCONT for the server and each of its processes.</summary>
    public Task ThawAsync() => SignalAllAsync("CONT");

    /// <summary>A fast shutdown: sessions are ended, everything is written.</summary>
    public async Task StopAsync()
    {
        await CommandAsync("kill", "-INT", $"{_server!.Id}");
        await _server.WaitForExitAsync("a fast shutdown");
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Runs a statement as superuser; returns the first value.</summary>
    public async Task<object?> ExecuteAsync(string sql, string? database = null)
    {
        await using var connection = new NpgsqlConnection(database is null ? Superuser : new NpgsqlConnectionStringBuilder(Superuser) { Database = database }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            await ThawAsync();
            await StopAsync();
        }

        _server = null;
        await ScriptAsync("stop", "--data", _folder, "--discard");
    }

    internal static async Task<string> CommandAsync(string name, params string[] arguments)
    {
        await using var command = ProcessUnderTest.Start(name, arguments);
        await command.WaitForExitAsync($"{name} {string.Join(' ', arguments)}");
        return string.Join('\n', command.Lines).Trim();
    }

    private async Task SignalAllAsync(string signal)
    {
        // The postmaster first: what it starts while this goes on it starts no more.
        await CommandAsync("kill", $"-{signal}", $"{_server!.Id}");
        foreach (var child in (await CommandAsync("pgrep", "-P", $"{_server.Id}")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await CommandAsync("kill", $"-{signal}", child);
    }

    private static bool IsZombie(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<string> ScriptAsync(params string[] arguments)
    {
        await using var script = ProcessUnderTest.Start(Path.Combine(Repository.Root, "eng", "postgres.sh"), arguments);
        var code = await script.WaitForExitAsync($"eng/postgres.sh {arguments[0]}", TimeSpan.FromMinutes(2));
        return code == 0 ? script.Lines.Count == 0 ? "" : script.Lines[^1] : throw new InvalidOperationException($"eng/postgres.sh {arguments[0]} failed: {string.Join(Environment.NewLine, script.Lines)}");
    }
}
