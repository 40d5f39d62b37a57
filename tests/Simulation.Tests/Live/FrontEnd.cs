using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Live;
using Warroom.Incidents;
using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Live;

/// <summary>A front end: the product's own feeds and their keeper, on a client of the simulated cluster.</summary>
internal sealed class FrontEnd
{
    private static readonly IOptions<JsonHubProtocolOptions> Protocol = MakeProtocol();
    private static readonly LiveMetrics Uncounted = new(new Meters());

    private readonly LiveWorld _world;

    public FrontEnd(LiveWorld world, StreamProcess process)
    {
        _world = world;
        Process = process;
        Reader = new FeedReader(world, process);
        var client = FrontEndClient.Create(process.Services);
        var options = Options.Create(world.Options);
        var lists = new ListFeed(client, new IncidentQueries(null!), Uncounted, process.Clock, NullLogger<ListFeed>.Instance);
        Feeds = new LiveFeeds(client, Reader, lists, options, Protocol, Uncounted, process.Clock, NullLogger<LiveFeeds>.Instance);
        var keeper = new FeedKeeper(Feeds, Reader, options, process.Clock, NullLogger<FeedKeeper>.Instance);
        process.Start(() => KeepAsync(keeper), world.OnFailed);
    }

    public static JsonSerializerOptions Json => Protocol.Value.PayloadSerializerOptions;

    public StreamProcess Process { get; }

    public LiveFeeds Feeds { get; }

    public FeedReader Reader { get; }

    public Outbox Accept(SimulatedConnection connection) => new(connection, _world.Options, Uncounted, Process.Clock);

    /// <summary>What the keeper does by its timer.</summary>
    private async Task KeepAsync(FeedKeeper keeper)
    {
        while (true)
        {
            await Process.Delay(1_000);
            try
            {
                if (_world.Mutation == LiveMutation.NoAudit) await Feeds.SweepAsync();
                else await keeper.RunOnceAsync(CancellationToken.None);
            }
            catch (IOException)
            {
                // The next round does it.
            }
        }
    }

    private static IOptions<JsonHubProtocolOptions> MakeProtocol()
    {
        var options = new JsonHubProtocolOptions();
        FrontendJson.Configure(options.PayloadSerializerOptions);
        return Options.Create(options);
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}

/// <summary>A cluster client that gives streams.</summary>
public class FrontEndClient : DispatchProxy
{
    private IServiceProvider? _services;

    public static IClusterClient Create(IServiceProvider services)
    {
        var client = Create<IClusterClient, FrontEndClient>();
        ((FrontEndClient)(object)client)._services = services;
        return client;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == "get_ServiceProvider" ? _services : throw new NotSupportedException($"{targetMethod} is not simulated.");
}
