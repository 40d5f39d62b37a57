using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Warroom.Bots;
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
        var client = FrontEndClient.Create(MutatedStreams.Over(process.Services, this, world.Mutation), id => world.Grain(this, id));
        var options = Options.Create(world.Options);
        var lists = new ListFeed(client, new IncidentQueries(null!), Uncounted, process.Clock, NullLogger<ListFeed>.Instance);
        Feeds = new LiveFeeds(client, Reader, lists, options, Protocol, Uncounted, process.Clock, NullLogger<LiveFeeds>.Instance);
        var keeper = new FeedKeeper(Feeds, Reader, options, process.Clock, NullLogger<FeedKeeper>.Instance);
        process.Start(() => KeepAsync(keeper), world.OnFailed);
    }

    public StreamProcess Process { get; }

    public LiveFeeds Feeds { get; }

    public FeedReader Reader { get; }

    /// <summary>How often sessions' grains were asked.</summary>
    public long Calls { get; set; }

    /// <summary>The reply in flight that each session was last answered with; for a mutation.</summary>
    public Dictionary<Guid, LiveReply?> Lives { get; } = [];

    /// <summary>The token that follows what is known here of each reply; for a mutation.</summary>
    public Dictionary<Guid, long> NextTokens { get; } = [];

    /// <summary>An answer as it arrives.</summary>
    public static T Read<T>(SerializedAnswer answer)
    {
        var options = Protocol.Value.PayloadSerializerOptions;
        return JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(answer, options), options)!;
    }

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

/// <summary>A cluster client that gives streams, and grains of sessions.</summary>
public class FrontEndClient : DispatchProxy
{
    private IServiceProvider? _services;
    private Func<Guid, object>? _grain;

    public static IClusterClient Create(IServiceProvider services, Func<Guid, object> grain)
    {
        var client = Create<IClusterClient, FrontEndClient>();
        (((FrontEndClient)(object)client)._services, ((FrontEndClient)(object)client)._grain) = (services, grain);
        return client;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        "get_ServiceProvider" => _services,
        "GetGrain" when args?[0] is Guid id => _grain!(id),
        _ => throw new NotSupportedException($"{targetMethod} is not simulated."),
    };
}
