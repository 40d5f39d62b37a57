using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Warroom.Simulation;

/// <summary>
/// The simulator as a running server: a process of its own by <c>Program.cs</c>, or inside a test. It is set up by command line or environment:
/// <c>--urls http://127.0.0.1:11434</c> (port 0: the system's choice) and the members of <see cref="SimKnobs"/> under <c>Sim</c>
/// (<c>--Sim:TokensPerSecond 30</c>, <c>Sim__Fault=Stall</c>).
/// </summary>
public sealed class SimServer : IAsyncDisposable
{
    private const string DefaultUrl = "http://127.0.0.1:11434";
    private readonly WebApplication _app;

    private SimServer(WebApplication app) => _app = app;

    /// <summary>Where it answers.</summary>
    public Uri Endpoint => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Says why these arguments are not acceptable; null when they are. It has no authentication, so it binds loopback only unless told that it may not.</summary>
    public static string? Refusal(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args).Build();
        foreach (var url in (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
                return $"--urls {url} is not an http address; an example is {DefaultUrl}.";
            if (!uri.IsLoopback && !configuration.GetValue("Sim:AllowRemote", false))
                return $"--urls {url} is not loopback, and OllamaSim asks nobody who they are. Give --Sim:AllowRemote true if that is meant.";
        }

        return null;
    }

    /// <summary>Starts it; when the task completes it answers.</summary>
    public static async Task<SimServer> StartAsync(string[] args, TimeProvider time)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(new SimState(time, builder.Configuration.GetSection("Sim").Get<SimKnobs>() ?? new SimKnobs()));
        builder.Services.AddSingleton<SimReplies>();
        var app = builder.Build();
        app.MapOllama();
        app.MapSimulation();
        await app.StartAsync();
        return new SimServer(app);
    }

    /// <summary>Completes after Ctrl-C or SIGTERM.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    /// <summary>Stops listening and ends what runs.</summary>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
