using Warroom.Bench.Baselines;
using Warroom.Bench.Load;
using Warroom.Testing;

namespace Warroom.Bench.Workloads;

/// <summary>Something that relays replies to viewers and incidents' events to watchers: the product or a baseline, driven in the same way.</summary>
internal abstract class RelayTarget(ServerProcess server) : IAsyncDisposable
{
    public ServerProcess Server { get; } = server;

    public abstract string Hub { get; }

    public abstract Task<string> NewSessionAsync();

    public abstract Task WatchAsync(HubClient viewer, string session);

    public abstract Task StartReplyAsync(string session);

    public virtual async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public static async Task<RelayTarget> BaselineAsync(FakeModel model)
    {
        var port = ServerProcess.FreePort();
        return new Baseline(await ServerProcess.StartAsync(typeof(RelayBaseline).Assembly.Location, port, "/health", ["serve-relay", port.ToString(), model.Address.ToString()], new Dictionary<string, string?>(StringComparer.Ordinal)));
    }

    public static async Task<RelayTarget> ProductAsync(FakeModel model, PostgresServer postgres)
    {
        var database = await postgres.CreateDatabaseAsync();
        var product = await Product.StartAsync(database.ConnectionString, model.Address);
        return new Ours(product, database, await product.LaunchBotAsync());
    }

    /// <summary>The product with its silo in a process of its own.</summary>
    public static async Task<RelayTarget> SplitProductAsync(FakeModel model, PostgresServer postgres)
    {
        var database = await postgres.CreateDatabaseAsync();
        var silo = await Product.StartSiloAsync(database.ConnectionString, model.Address);
        var product = await Product.StartAsync(database.ConnectionString, model.Address, silo);
        return new Ours(product, database, await product.LaunchBotAsync());
    }

    private sealed class Baseline(ServerProcess server) : RelayTarget(server)
    {
        private readonly HttpClient _http = new() { BaseAddress = server.Address };

        public override string Hub => "/hub";

        public override Task<string> NewSessionAsync() => Task.FromResult(Guid.CreateVersion7().ToString());

        public override Task WatchAsync(HubClient viewer, string session) => viewer.InvokeAsync("Watch", session);

        public override async Task StartReplyAsync(string session)
        {
            using var response = await _http.PostAsync(new Uri($"/start/{session}", UriKind.Relative), content: null);
            response.EnsureSuccessStatusCode();
        }

        public override ValueTask DisposeAsync()
        {
            _http.Dispose();
            return base.DisposeAsync();
        }
    }

    private sealed class Ours(Product product, TestDatabase database, string bot) : RelayTarget(product.Server)
    {
        public override string Hub => "/hubs/chat";

        public override async Task<string> NewSessionAsync() => (await product.StartSessionAsync(bot)).ToString();

        public override Task WatchAsync(HubClient viewer, string session) => viewer.InvokeAsync("Watch", session, 0);

        public override Task StartReplyAsync(string session) => product.SendAsync(Guid.Parse(session), "go");

        public override async ValueTask DisposeAsync()
        {
            await product.DisposeAsync();
            await base.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
