using Warroom;
using Warroom.Health;
using Warroom.Hosting;
using Warroom.Metrics;
using Warroom.Operations;

return await WarroomProcess.RunAsync(async () =>
{
    var builder = SiloHost.CreateBuilder(args);
    builder.AddWarroomProcess();
    builder.AddSiloReports(withFrontend: false);
    builder.AddWarroomSilo();
    builder.AddMetricsExport("warroom-silo");
    builder.AddHealth();

    var app = builder.Build();
    app.MapHealth();
    app.MapMetrics();
    return await app.RunToExitAsync();
});
