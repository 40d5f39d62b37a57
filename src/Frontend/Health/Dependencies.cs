using System.Collections.Immutable;
using Npgsql;
using Orleans.Runtime;
using Warroom.Frontend.Bots;
using Warroom.Models;

namespace Warroom.Frontend.Health;

/// <summary>Asks what Warroom needs how it is. Each answer is shared by all who ask within a second, so that probes cost nothing.</summary>
internal sealed partial class Dependencies(NpgsqlDataSource database, IModelClients models, ModelCatalogue catalogue, TimeProvider time, ILogger<Dependencies> logger)
{
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private Task<DependencyHealth>? _database;
    private Task<DependencyHealth>? _ollama;
    private long _databaseAt;
    private long _ollamaAt;

    /// <summary>PostgreSQL: nothing works without it.</summary>
    public Task<DependencyHealth> DatabaseAsync() => Ask(ref _database, ref _databaseAt, AskDatabaseAsync);

    /// <summary>Ollama: without it bots say that it is not there, and all else works.</summary>
    public Task<DependencyHealth> OllamaAsync() => Ask(ref _ollama, ref _ollamaAt, AskOllamaAsync);

    /// <summary>All of them.</summary>
    public async Task<HealthReport> ReportAsync()
    {
        var dependencies = await Task.WhenAll(DatabaseAsync(), OllamaAsync());
        return new()
        {
            Status = dependencies.Any(one => one is { Required: true, Status: not "ok" }) ? "down" : dependencies.Any(one => one.Status != "ok") ? "degraded" : "ok",
            Dependencies = [.. dependencies],
        };
    }

    private static DependencyHealth Down(string name, bool required, string error) => new() { Name = name, Status = "down", Required = required, Error = error };

    private Task<DependencyHealth> Ask(ref Task<DependencyHealth>? answer, ref long at, Func<Task<DependencyHealth>> ask)
    {
        lock (_gate)
        {
            if (answer is null || (answer.IsCompleted && time.GetElapsedTime(at) > Shared))
            {
                at = time.GetTimestamp();
                answer = ask();
            }

            return answer;
        }
    }

    private async Task<DependencyHealth> AskDatabaseAsync()
    {
        var started = time.GetTimestamp();
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            command.CommandTimeout = 3;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(3), time);
            await command.ExecuteScalarAsync(timeout.Token);
            return new() { Name = "database", Status = "ok", Required = true, Milliseconds = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2) };
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            LogDown("database", exception);
            return Down("database", required: true, "PostgreSQL does not answer.");
        }
    }

    private async Task<DependencyHealth> AskOllamaAsync()
    {
        var started = time.GetTimestamp();
        try
        {
            var answers = await Task.WhenAll(models.Endpoints.Select(url => catalogue.AskAsync(url, CancellationToken.None)));
            return !answers.Any(one => one.Error is null)
                ? Down("ollama", required: false, answers.FirstOrDefault().Error ?? "No model endpoint is configured.")
                : new() { Name = "ollama", Status = "ok", Required = false, Milliseconds = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 2) };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogDown("ollama", exception);
            return Down("ollama", required: false, "Ollama does not answer.");
        }
    }

    [LoggerMessage(2300, LogLevel.Warning, "The {Dependency} does not answer")]
    private partial void LogDown(string dependency, Exception exception);
}
