using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Warroom.Metrics;

/// <summary>
/// Metrics at <c>/metrics</c> for Prometheus; metrics and traces over OTLP as well when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector. Instruments come from the built-in meters of .NET, ASP.NET Core and Npgsql
/// and from those of Warroom and its engine.
/// </summary>
public static class MetricsHosting
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int SeriesMax = 1_000;

    private static readonly double[] RequestBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2, 5];
    private static readonly double[] QueryBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "System.Runtime", "Npgsql",
        "Orleans.*", "Orleans", "Microsoft.Orleans", "Warroom", "Warroom.*",
    ];

    /// <summary>Adds what collects. The process goes by <paramref name="serviceName"/> in traces and at collectors.</summary>
    public static void AddMetricsExport(this WebApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var otlp = !string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint]);
        builder.Services.AddSingleton<ProcessMetrics>();
        builder.Services.AddSingleton<PrometheusPage>();
        builder.Services.AddSingleton(services => BuildMeters(services.GetRequiredService<PrometheusPage>(), serviceName, otlp));
        if (otlp)
            builder.Services.AddSingleton(_ => BuildTraces(serviceName));
    }

    /// <summary>Maps <c>/metrics</c>. Instruments that are made at first use must be made by now, so that everything is counted from the start.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Services.GetRequiredService<MeterProvider>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.Services.GetService<TracerProvider>();
        app.MapGet("/metrics", (PrometheusPage page) => TypedResults.Text(page.Render(), "text/plain; version=0.0.4; charset=utf-8")).DisableHttpMetrics().ExcludeFromDescription();
    }

    private static MeterProvider BuildMeters(PrometheusPage page, string serviceName, bool otlp)
    {
        var meters = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => Describe(resource, serviceName))
            .AddMeter(Meters)
            .AddView(
                "http.server.request.duration",
                new ExplicitBucketHistogramConfiguration { Boundaries = RequestBuckets, TagKeys = ["http.request.method", "http.route", "http.response.status_code"], CardinalityLimit = SeriesMax })
            .AddView("http.server.active_requests", new MetricStreamConfiguration { TagKeys = ["http.request.method"] })
            .AddView("db.client.operation.duration", new ExplicitBucketHistogramConfiguration { Boundaries = QueryBuckets, TagKeys = ["db.client.connection.pool.name"], CardinalityLimit = SeriesMax })
            .AddReader(page.Reader);
        return (otlp ? meters.AddOtlpExporter() : meters).Build();
    }

    private static TracerProvider BuildTraces(string serviceName) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => Describe(resource, serviceName))
        .AddSource("Microsoft.AspNetCore", "Microsoft.AspNetCore.SignalR.Server", "Npgsql", "System.Net.Http", "Microsoft.Orleans.*", "Orleans.*", "Warroom", "Warroom.*")
        .AddOtlpExporter()
        .Build();

    private static void Describe(ResourceBuilder resource, string serviceName) => resource.AddService(serviceName, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}");
}
