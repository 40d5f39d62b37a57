using Npgsql;

namespace Warroom.Health;

/// <summary>PostgreSQL: nothing works without it.</summary>
internal sealed class DatabaseProbe(NpgsqlDataSource database, TimeProvider time) : IDependencyProbe
{
    public const string DependencyName = "database";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    public string Name => DependencyName;

    public bool Required => true;

    public string Silence => "PostgreSQL does not answer.";

    public async Task<string?> AskAsync()
    {
        await using var command = database.CreateCommand("SELECT 1");
        command.CommandTimeout = (int)AnswerTimeout.TotalSeconds;
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        await command.ExecuteScalarAsync(timeout.Token);
        return null;
    }
}
