using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Warroom.Postgres;

/// <summary>
/// Before anything else of the process starts: waits until the database answers (up to <see cref="PostgresOptions.StartupTimeoutSeconds"/>), refuses one whose settings could lose an acknowledged write,
/// and brings its schema up to date.
/// </summary>
internal sealed partial class PostgresStartup(NpgsqlDataSource source, Migrator migrator, IOptions<PostgresOptions> options, TimeProvider time, ILogger<PostgresStartup> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time);
        var started = time.GetTimestamp();
        for (var repetition = 1; ; repetition++)
        {
            try
            {
                await PostgresSettings.CheckAsync(source, cancellationToken);
                await migrator.MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested && PostgresFailure.Passes(failure)
                && time.GetElapsedTime(started) < TimeSpan.FromSeconds(options.Value.StartupTimeoutSeconds))
            {
                LogNotYet(failure.Message, repetition);
                await backoff.WaitAsync(repetition, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2020, Level = LogLevel.Warning, Message = "The database does not answer yet ({Reason}); trying again (repetition {Repetition})")]
    private partial void LogNotYet(string reason, int repetition);
}
