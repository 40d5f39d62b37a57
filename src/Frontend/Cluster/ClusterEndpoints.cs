using Microsoft.AspNetCore.Http.HttpResults;
using Orleans.Runtime;
using Warroom.Frontend.Hosting;
using Warroom.Operations;

namespace Warroom.Frontend.Cluster;

/// <summary>The cluster for operators over REST: seen from the database, steered by commands that are written down with who gave them.</summary>
internal static class ClusterEndpoints
{
    private const int CommandsMax = 200;
    private const int GrainIdLengthMax = 1_000;
    private static readonly TimeSpan GrainTimeout = TimeSpan.FromSeconds(10);

    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        var cluster = routes.MapGroup("/api/cluster").WithTags("cluster");
        cluster.MapGet("", (ClusterQueries queries, CancellationToken cancellationToken) => queries.GetAsync(cancellationToken)).WithSummary("All silos with their figures, and their sums.");
        cluster.MapGet("/commands", CommandsAsync).WithSummary("What operators asked for, the latest first.");
        cluster.MapPost("/silos/{id}/drain", DrainAsync).WithSummary("Lets a silo hand its grains over and end. With force also the last one.");
        cluster.MapGet("/grains/{id}", FindGrainAsync).WithSummary("Where a grain is in memory.");
        cluster.MapPost("/grains/{id}/deactivate", DeactivateAsync).WithSummary("Lets a grain leave memory; its next call brings it back.");
    }

    private static async Task<Ok<IReadOnlyList<OperatorCommand>>> CommandsAsync(int? limit, ClusterQueries queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.CommandsAsync(Limits.Limit(limit, byDefault: 50, CommandsMax), cancellationToken));

    private static async Task<Accepted<OperatorCommand>> DrainAsync(string id, bool? force, Caller caller, ClusterQueries queries, OperatorCommands commands, CancellationToken cancellationToken)
    {
        // First of all: a repetition gets its order, however far that is by now.
        if (await commands.FindAsync(caller.OperationId, OperatorCommandKind.Drain, id, cancellationToken) is { } earlier)
        {
            return TypedResults.Accepted("/api/cluster", earlier);
        }

        var overview = await queries.GetAsync(cancellationToken);
        var silo = overview.Silos.FirstOrDefault(silo => silo.Id == id) ?? throw new DomainException(RefusalKind.NotFound, "cluster.no_such_silo", $"There is no silo {id}.");
        if (silo.Status is SiloState.Stopped or SiloState.Dead)
        {
            throw new DomainException(RefusalKind.Conflict, "cluster.silo_gone", $"Silo {silo.Name} has ended already.");
        }

        var others = force == true || silo.Status == SiloState.Draining ? null : overview.Silos.Where(other => other.Id != id && other is { Status: SiloState.Active, Stale: false }).Select(other => other.Id).ToList();
        var order = await commands.DrainAsync(caller.OperationId, id, caller.By.Name, others, cancellationToken);
        return order is not null
            ? TypedResults.Accepted("/api/cluster", order)
            : throw new DomainException(
                RefusalKind.Conflict, "cluster.last_silo", $"Silo {silo.Name} is the only one that serves and is not to drain: without it nobody gets an answer. Start another one first, or say force=true.");
    }

    private static async Task<Ok<GrainPlace>> FindGrainAsync(string id, IClusterClient cluster)
    {
        var (grain, name) = Grain(id);
        var silo = await PlaceAsync(cluster, grain);
        return TypedResults.Ok(new GrainPlace { Id = name, SiloId = silo?.ToParsableString() });
    }

    private static async Task<Ok<OperatorCommand>> DeactivateAsync(string id, Caller caller, IClusterClient cluster, OperatorCommands commands, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (grain, name) = Grain(id);
        var (command, isNew) = await commands.DeactivateAsync(caller.OperationId, name, caller.By.Name, cancellationToken);
        if (!isNew && command.Outcome is not null)
        {
            return TypedResults.Ok(command);
        }

        ClusterLog.Deactivates(loggers.CreateLogger(typeof(ClusterEndpoints).FullName!), caller.By.Name, name, command.Id);
        var outcome = OperatorCommandOutcome.NotActive;
        try
        {
            if (await PlaceAsync(cluster, grain) is not null)
            {
                await cluster.GetGrain<IOperableGrain>(grain).LeaveMemoryAsync().WaitAsync(GrainTimeout, cancellationToken);
                outcome = OperatorCommandOutcome.Done;
            }
        }
        catch
        {
            await commands.FinishAsync(command.Id, OperatorCommandOutcome.Failed, CancellationToken.None);
            throw;
        }

        return TypedResults.Ok(await commands.FinishAsync(command.Id, outcome, cancellationToken) ?? command with { Outcome = outcome });
    }

    private static async Task<SiloAddress?> PlaceAsync(IClusterClient cluster, GrainId grain) =>
        await cluster.GetGrain<IManagementGrain>(0).GetActivationAddress(cluster.GetGrain<IOperableGrain>(grain)).AsTask().WaitAsync(GrainTimeout);

    /// <summary>The server leaves an escaped slash as it is, because a slash would part the path. A UUID may be written with its dashes.</summary>
    private static (GrainId Id, string Name) Grain(string id)
    {
        var name = id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == name.Length - 1 || name.Length > GrainIdLengthMax || !OperableGrains.Types.Contains(name[..slash]))
        {
            throw new DomainException(
                RefusalKind.Invalid, "cluster.bad_grain", $"A grain's id is its type, a slash (in an address %2F) and its key, such as incident/0198c2f03a5e7b1c9d2e4f6071829304. Types: {string.Join(", ", OperableGrains.Types.Order(StringComparer.Ordinal))}.");
        }

        var (type, key) = (name[..slash], name[(slash + 1)..]);
        if (type is "incident" or "botsession")
        {
            key = Guid.TryParse(key, out var uuid) ? uuid.ToString("N") : throw new DomainException(RefusalKind.Invalid, "cluster.bad_grain", $"The key of {type} is a UUID.");
        }

        return (GrainId.Create(type, key), $"{type}/{key}");
    }
}
