using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Warroom.Chaos;

// A TCP proxy that misbehaves on demand: one process for each link.
//   --Listen=0 --Target=127.0.0.1:5432 --Seed=1 --urls=http://127.0.0.1:0
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(options =>
{
    options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
    options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
    options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
});
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(new Chance(builder.Configuration.GetValue("Seed", 1)));
builder.Services.AddSingleton<Counters>();
builder.Services.AddSingleton<FaultSwitch>();
builder.Services.AddSingleton<ProxyListener>();
builder.Services.AddHostedService(services => services.GetRequiredService<ProxyListener>());

var app = builder.Build();
app.MapControl();
await app.StartAsync();

// Whoever started this process reads both ports here.
var listener = app.Services.GetRequiredService<ProxyListener>();
await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"ready listen={listener.Port} control={app.Urls.First()}"));
await app.WaitForShutdownAsync();
