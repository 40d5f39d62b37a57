using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Warroom.Frontend.Hosting;

/// <summary>The page's files: <c>assets/</c> carry a hash in their names and never change; everything else is asked for anew each time.</summary>
internal static class Pages
{
    private const string NotBuilt = """
        Warroom runs, but its web page has not been built.

        Build it:   cd src/Frontend/web && npm ci && npm run build
        or start everything with   ./run

        The API is at /api, its description at /openapi/v1.json, its health at /ready.
        """;

    private static readonly StaticFileOptions Files = new() { OnPrepareResponse = SetCaching };

    public static void UsePages(this WebApplication app) => app.UseStaticFiles(Files);

    /// <summary>Every path that is no file and no endpoint is a view of the page.</summary>
    public static void MapPages(this WebApplication app)
    {
        if (app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists)
        {
            foreach (var notViews in (string[])["api", "hubs", "openapi", "assets"])
            {
                app.MapFallback($"/{notViews}/{{**path}}", NotFound);
            }

            // Not the usual pattern with :nonfile, for names of services may have dots.
            app.MapFallbackToFile("{**path}", "index.html", Files);
            return;
        }

        app.MapGet("/", (HttpContext context) =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(NotBuilt, context.RequestAborted);
        }).ExcludeFromDescription();
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void SetCaching(StaticFileResponseContext context) =>
        context.Context.Response.Headers[HeaderNames.CacheControl] = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
}
