using Warroom.Bots;
using Warroom.Services;

namespace Warroom.Frontend.Services;

/// <summary>
/// With <c>Warroom:SampleServices=true</c>: puts some services, marked as samples, into a catalogue that is empty, and launches a first bot if there is none, so that a first start has something to try. Safe to repeat.
/// </summary>
internal sealed partial class SampleData(IConfiguration configuration, IClusterClient cluster, ServiceQueries services, BotQueries bots, IHostApplicationLifetime lifetime, ILogger<SampleData> logger) : BackgroundService
{
    public const string Setting = "Warroom:SampleServices";

    // The same id in every process that starts on one database: one bot, however many start at once.
    private static readonly Guid FirstBot = new("0198c000-0000-7000-8000-57a7700b0001");

    private static readonly (string Name, string Description, string Owner, string[] DependsOn)[] Samples =
    [
        ("web-shop", "The shop that customers see.", "Storefront", ["api-gateway"]),
        ("api-gateway", "The door to all of the back end.", "Platform", ["checkout", "catalogue", "accounts"]),
        ("checkout", "Takes orders and payments.", "Payments", ["orders-db", "accounts"]),
        ("catalogue", "Products, prices, stock.", "Catalogue", ["orders-db"]),
        ("accounts", "Customers and their sign-in.", "Identity", ["orders-db"]),
        ("orders-db", "PostgreSQL of the shop.", "Platform", []),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!configuration.GetValue<bool>(Setting))
        {
            return;
        }

        // Grains answer once the silo is up.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            await SeedAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends before it began.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Without samples everything else works; the next start tries again.
            LogSeedFailed(exception);
        }
    }

    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        if ((await services.ListAsync(limit: 1, cancellationToken)).Count == 0)
        {
            foreach (var (name, description, owner, dependsOn) in Samples)
            {
                await cluster.GetGrain<IServiceGrain>(name).RegisterAsync(
                    new() { Description = description, Owner = owner, DependsOn = [.. dependsOn], Health = ServiceHealth.Healthy, Sample = true }, cancellationToken);
            }

            LogSeeded(Samples.Length);
        }

        if ((await bots.ListAsync(cancellationToken)).Count == 0)
        {
            await cluster.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(
                new()
                {
                    OperationId = FirstBot,
                    Name = "Warroom assistant",
                    Persona = "You help engineers through incidents. Be brief and concrete, say what you are not sure of, and name the next thing to check.",
                },
                cancellationToken);
        }
    }
}
