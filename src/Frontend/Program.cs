using Warroom;
using Warroom.Frontend.Alerts;
using Warroom.Frontend.Bots;
using Warroom.Frontend.Cluster;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Incidents;
using Warroom.Frontend.Live;
using Warroom.Frontend.Services;
using Warroom.Frontend.Sessions;
using Warroom.Frontend.Timeline;
using Warroom.Health;
using Warroom.Hosting;
using Warroom.Metrics;

return await WarroomProcess.RunAsync(async () =>
{
    var builder = WebApplication.CreateBuilder(ContentRoot.Options(WarroomHost.Arguments(args)));
    if (builder.AddWarroomHost() is { } refused)
    {
        await Console.Error.WriteLineAsync(refused);
        return 1;
    }

    builder.AddWarroomCluster();
    builder.AddLive();
    builder.AddMetricsExport("warroom");
    builder.AddHealth();
    builder.Services.AddSingleton<ModelCatalogue>();
    builder.Services.AddSingleton<AlertMetrics>();
    builder.Services.AddHostedService<SampleData>();

    var app = builder.Build();
    app.UseWarroomPipeline();
    app.MapIncidents();
    app.MapTimeline();
    app.MapServices();
    app.MapBots();
    app.MapSessions();
    app.MapAlerts();
    app.MapCluster();
    app.MapLive();
    app.MapHealth();
    app.MapMetrics();
    app.MapAbout();
    app.MapPages();
    return await app.RunToExitAsync();
});
