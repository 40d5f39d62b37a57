using Orleans.Hosting;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(Warroom.Engine.Tests.Support.EngineCluster))]

namespace Warroom.Engine.Tests.Support;

/// <summary>The cluster that all tests share which need nothing special. Tests use keys of their own.</summary>
public sealed class EngineCluster : IAsyncLifetime
{
    public const string Streams = "streams";

    public const string Refusing = "refusing";

    public InProcessTestCluster Cluster { get; private set; } = null!;

    public IClusterClient Client => Cluster.Client;

    public async ValueTask InitializeAsync() => Cluster = await StartAsync(
        silo =>
        {
            silo.AddMemoryGrainStorageAsDefault().AddMemoryGrainStorage("other");
            silo.Services.AddRefusingStorage(Refusing);
            silo.AddMemoryStreams(Streams).AddMemoryGrainStorage("PubSubStore").UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(10));
            silo.AddIncomingGrainCallFilter(context => NotingFilters.NoteAsync("first", context));
            silo.AddIncomingGrainCallFilter(context => NotingFilters.NoteAsync("second", context));
            silo.AddOutgoingGrainCallFilter(context => NotingFilters.NoteAsync("leaves silo", context));
        },
        client =>
        {
            client.AddMemoryStreams(Streams);
            client.AddOutgoingGrainCallFilter(context => NotingFilters.NoteAsync("leaves client", context));
        });

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>A cluster for a test that needs another set-up.</summary>
    public static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure, Action<IClientBuilder>? configureClient = null, short? silos = null)
    {
        var builder = new InProcessTestClusterBuilder(silos ?? SiloCount.Value);
        builder.ConfigureSilo((_, silo) => configure(silo));
        if (configureClient is not null) builder.ConfigureClient(configureClient);
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
