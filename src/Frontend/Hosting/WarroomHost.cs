using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Warroom.Frontend.Errors;
using Warroom.Frontend.Security;
using Warroom.Hosting;

namespace Warroom.Frontend.Hosting;

/// <summary>How the front end listens and limits.</summary>
internal static class WarroomHost
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The arguments with <c>--insecure</c>, which takes no value, as a setting.</summary>
    public static string[] Arguments(string[] arguments) => Array.ConvertAll(arguments, argument => argument == "--insecure" ? "--Warroom:Insecure=true" : argument);

    /// <summary>Sets up listening, limits, JSON, and what every process does alike. The sentence that refuses the start, if an address may not be listened on.</summary>
    public static string? AddWarroomHost(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Warroom");
        if (ListenAddresses.Refuse(builder.Configuration, section.GetValue<bool>(nameof(AccessOptions.Insecure))) is { } refused)
        {
            return refused;
        }

        if (!ListenAddresses.AreConfigured(builder.Configuration))
        {
            builder.WebHost.UseUrls(ListenAddresses.Default);
        }

        builder.Services.AddOptions<AccessOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<AllowedOrigins>();
        builder.WebHost.ConfigureKestrel(Limit);
        builder.WebHost.UseSockets(sockets => sockets.Backlog = 4096);
        builder.Services.Configure<JsonOptions>(json => FrontendJson.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new() { Timeout = RequestTimeout, WriteTimeoutResponse = WriteTimeoutAsync });
        builder.Services.AddCors();
        builder.Services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<AllowedOrigins>((cors, origins) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. origins.All]).AllowAnyHeader().AllowAnyMethod().AllowCredentials().WithExposedHeaders("X-Total-Count", "X-Request-ID", "Location", "Retry-After")));
        builder.Services.AddOpenApi();
        builder.AddWarroomProcess();

        // A refused hub call is no error; those that are, HubErrors logs.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.Critical);
        return null;
    }

    /// <summary>
    /// The pipeline in the order of PROMISES 26: security headers and CORS, rate limit, then the handler. Metrics are taken by the server around all of it, so that refusals count too.
    /// </summary>
    public static void UseWarroomPipeline(this WebApplication app)
    {
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<RequestGuard>();
        app.UseMiddleware<RequestDoor>();
        if (app.Services.GetRequiredService<AllowedOrigins>().All.Count > 0)
        {
            app.UseCors();
        }

        app.UsePages();
        app.UseRouting();
        app.UseViews();
        app.UseMiddleware<RateLimits>();
        app.UseRequestTimeouts();
        app.UseWebSockets();
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BadRequests.BodyBytesMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
    }

    private static Task WriteTimeoutAsync(HttpContext context) =>
        ProblemWriter.WriteAsync(context, ErrorTable.Map(new TimeoutException(), isCommand: !HttpMethods.IsGet(context.Request.Method)));
}
