using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Frontend.Bots;
using Warroom.Services;

namespace Warroom.Frontend.Hosting;

/// <summary>What this installation is.</summary>
internal static class AboutEndpoints
{
    private static readonly string Version = typeof(AboutEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void MapAbout(this WebApplication app)
    {
        app.MapGet("/api/about", GetAsync).WithTags("about").WithSummary("Version, and what of it is simulated or a sample.");
        app.MapOpenApi();
    }

    private static async Task<Ok<About>> GetAsync(ModelCatalogue models, ServiceQueries services, CancellationToken cancellationToken)
    {
        var offered = await models.ListAsync(cancellationToken);
        var known = await services.ListAsync(cancellationToken: cancellationToken);

        // The first endpoint that answers is the one that is asked first.
        var first = offered.Endpoints.FirstOrDefault(endpoint => endpoint.Healthy);
        return TypedResults.Ok(new About
        {
            Version = Version,
            SimulatedModels = first is { Models.IsEmpty: false } && first.Models.All(model => model.Simulated),
            SampleServices = known.Any(found => found.Service.Sample),
        });
    }
}
