using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Hosting;

/// <summary>What every process of Warroom does alike: log, stop in order, end with a code that says how it went.</summary>
public static partial class WarroomProcess
{
    private static readonly Dictionary<string, string?> LogLevels = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    /// <summary>Adds logs (JSON lines unless a terminal reads them), the clock, and the stop in order (section <c>Shutdown</c>).</summary>
    public static void AddWarroomProcess(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Below everything else, so that any source can say otherwise.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });
        AddLogs(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ShutdownOptions>().BindConfiguration(ShutdownOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.DrainTime + shutdown.Value.HandOverTime);
        services.AddSingleton<Readiness>();
        services.AddSingleton<InFlight>();
        services.AddSingleton<GracefulStop>();
        services.AddSingleton<IHostLifetime, SignalLifetime>();
    }

    /// <summary>The sentence for whoever started the process, if an exception says that a setting or the database is not as it must be; <see langword="null"/> for a fault of ours.</summary>
    public static string? Refusal(Exception exception) => exception switch
    {
        OptionsValidationException or DatabaseRefusedException or OrleansConfigurationException => exception.Message,

        // A text that is no number, time or name where one is expected. Its own message names setting, value and type.
        InvalidOperationException { InnerException: FormatException or ArgumentException, Source: "Microsoft.Extensions.Configuration.Binder" } => exception.Message,
        _ => null,
    };

    /// <summary>Runs what the program does; a start that is refused ends with a sentence, before there is a log to write it to as well.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> program)
    {
        ArgumentNullException.ThrowIfNull(program);
        try
        {
            return await program();
        }
        catch (Exception exception) when (Refusal(exception) is not null)
        {
            await Console.Error.WriteLineAsync($"Warroom does not start: {Refusal(exception)}");
            return 1;
        }
    }

    /// <summary>Runs until the process is told to end; closes the database's pool after all else.</summary>
    /// <returns>The exit code: 0 if all went in order, 1 if something failed.</returns>
    public static async Task<int> RunToExitAsync(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WarroomProcess).FullName!);
        var readiness = app.Services.GetRequiredService<Readiness>();
        using var leaving = app.Lifetime.ApplicationStopping.Register(readiness.Leave);
        using var unobserved = new UnobservedTasks(exception => LogUnobserved(logger, exception));
        await using (app)
        {
            try
            {
                await app.StartAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                if (Refusal(exception) is { } reason)
                    LogRefused(logger, reason);
                else
                    LogNotStarted(logger, exception);
                return 1;
            }

            // Taken now: whoever disposes of the host meanwhile takes its services away.
            var (writes, pool) = (app.Services.GetService<GroupCommit>(), app.Services.GetRequiredService<NpgsqlDataSource>());
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var stopping = app.Lifetime.ApplicationStopped.Register(stopped.SetResult);
            try
            {
                // Where something else stops the host too, the first of them waits for its parts, and the pool is theirs until then.
                await app.WaitForShutdownAsync();
                await stopped.Task;
                await ClosePoolAsync(writes, pool);
                LogEnded(logger, Environment.ExitCode);
                return Environment.ExitCode;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogFailed(logger, exception);
                return 1;
            }
        }
    }

    private static async Task ClosePoolAsync(GroupCommit? writes, NpgsqlDataSource pool)
    {
        // What is still to be written has its outcome before its connections go.
        if (writes is not null)
            await writes.DisposeAsync();
        await pool.DisposeAsync();
    }

    private static void AddLogs(WebApplicationBuilder builder)
    {
        // A terminal has a reader; anything else has a collector that wants one JSON object a line.
        if (!Console.IsOutputRedirected || builder.Environment.IsDevelopment())
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }
        else
        {
            builder.Logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                console.IncludeScopes = true;
            });
        }

        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
    }

    [LoggerMessage(2410, LogLevel.Information, "The database's pool is closed; shutdown is complete, the process ends with code {ExitCode}")]
    private static partial void LogEnded(ILogger logger, int exitCode);

    [LoggerMessage(2411, LogLevel.Error, "The process ends with code 1")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2412, LogLevel.Error, "Warroom does not start: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(2413, LogLevel.Error, "Warroom does not start")]
    private static partial void LogNotStarted(ILogger logger, Exception exception);

    [LoggerMessage(2414, LogLevel.Error, "A task failed and nobody waited for it")]
    private static partial void LogUnobserved(ILogger logger, Exception exception);

    // A failure that nobody looked at is a bug of ours: the runtime passes over it in silence, when the task is collected.
    private sealed class UnobservedTasks : IDisposable
    {
        private readonly EventHandler<UnobservedTaskExceptionEventArgs> _handler;

        public UnobservedTasks(Action<Exception> report)
        {
            _handler = (_, unobserved) => report(unobserved.Exception);
            TaskScheduler.UnobservedTaskException += _handler;
        }

        public void Dispose() => TaskScheduler.UnobservedTaskException -= _handler;
    }
}
