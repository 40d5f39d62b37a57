using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Warroom.Frontend.Errors;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>The whole program in this process, on Kestrel at a port that the system chose: front end, silo, grains, real PostgreSQL. What it logs as an error fails the test that disposes it.</summary>
internal sealed class WarroomUnderTest : IAsyncDisposable
{
    private readonly Factory _factory;
    private readonly ErrorLog _log;

    private WarroomUnderTest(Factory factory, ErrorLog log)
    {
        _factory = factory;
        _log = log;
        Address = new Uri(factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 64 }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _factory.Services;

    /// <summary>What it logged as an error so far.</summary>
    public IReadOnlyCollection<string> Errors => _log.Errors;

    /// <summary>Whether this test asks for errors in the log.</summary>
    public bool ErrorsAreExpected { get; set; }

    /// <summary>How often the server has logged a line, by its event id.</summary>
    public int Logged(int eventId) => _log.Count(eventId);

    public static Task<WarroomUnderTest> StartAsync(string connectionString, params (string Key, string Value)[] settings) => StartAsync(connectionString, static _ => { }, settings);

    /// <summary>Starts it with other services in the place of some of its own.</summary>
    public static Task<WarroomUnderTest> StartAsync(string connectionString, Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        var log = new ErrorLog();
        var all = new List<(string Key, string Value)>
        {
            ("urls", "http://127.0.0.1:0"), ("ConnectionStrings:Warroom", connectionString), ("Ollama:Endpoints:0", UnusedEndpoint()), ("Warroom:LoopbackRequestsPerMinute", "1000000"),
        };
        all.AddRange(settings);
        var factory = new Factory(all, log, configure);
        factory.UseKestrel(0);

        // Building starts the whole host, migrations included.
        return Task.Run(() =>
        {
            factory.StartServer();
            return new WarroomUnderTest(factory, log);
        });
    }

    /// <summary>An address at which nothing listens.</summary>
    public static string UnusedEndpoint()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}";
    }

    public Task<HubClient> ConnectAsync(string hub, string query = "") => HubClient.ConnectAsync(Address, $"/hubs/{hub}{query}");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Eventually.CompletesAsync("the host to stop", _factory.DisposeAsync().AsTask(), TimeSpan.FromSeconds(60));
        if (!ErrorsAreExpected)
        {
            Assert.Empty(_log.Errors);
        }
    }

    private sealed class Factory(IReadOnlyList<(string Key, string Value)> settings, ErrorLog log, Action<IServiceCollection> configure) : WebApplicationFactory<Problem>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(Environments.Production);
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureTestServices(configure);
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(log));
        }
    }
}
