using Microsoft.AspNetCore.SignalR;
using Warroom.Frontend.Hosting;
using Warroom.Hosting;

namespace Warroom.Frontend.Live;

/// <summary>Registers hubs and feeds.</summary>
internal static class LiveHosting
{
    /// <summary>Large enough for the longest message (32,000 characters) with every character escaped.</summary>
    private const int HubMessageBytesMax = 256 * 1024;

    public static void AddLive(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LiveOptions>().Bind(builder.Configuration.GetSection("Live")).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = HubMessageBytesMax;

            // Stop must not wait for a Send that waits for the database. Calls still begin in the order they came in.
            hub.MaximumParallelInvocationsPerClient = 4;
            hub.AddFilter<HubErrors>();
        }).AddJsonProtocol(json => FrontendJson.Configure(json.PayloadSerializerOptions));
        builder.Services.AddSingleton<HubErrors>();
        builder.Services.AddSingleton(typeof(HubLifetimeManager<>), typeof(LiveConnections<>));
        builder.Services.AddSingleton<LiveMetrics>();
        builder.Services.AddSingleton<IFarewell, HubFarewell<WarroomHub>>();
        builder.Services.AddSingleton<IFarewell, HubFarewell<ChatHub>>();
        builder.Services.AddSingleton<ListFeed>();
        builder.Services.AddSingleton<IFeedSource, StoredLogs>();
        builder.Services.AddSingleton<LiveFeeds>();
        builder.Services.AddSingleton<FeedKeeper>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FeedKeeper>());
        builder.Services.AddHostedService<StandingKeeper>();
    }

    public static void MapLive(this WebApplication app)
    {
        // Made now, so that connections are counted from the start.
        app.Services.GetRequiredService<LiveMetrics>();
        app.MapHub<WarroomHub>("/hubs/warroom").DisableHttpMetrics();
        app.MapHub<ChatHub>("/hubs/chat").DisableHttpMetrics();
    }
}
