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

    private static readonly PathString[] NotViews = ["/api", "/hubs", "/openapi", "/assets"];
    private static readonly StaticFileOptions Files = new() { OnPrepareResponse = SetCaching };

    public static void UsePages(this WebApplication app) => app.UseStaticFiles(Files);

    /// <summary>
    /// Every path that is no file and no endpoint is a view of the page: comes after routing. Not a fallback endpoint, for that would be taken for each request that an endpoint refuses by its method or its kind of body.
    /// </summary>
    public static void UseViews(this WebApplication app)
    {
        if (!HasPage(app))
        {
            return;
        }

        app.UseWhen(IsView, views =>
        {
            views.Use((context, next) =>
            {
                context.Request.Path = "/index.html";
                return next(context);
            });
            views.UseStaticFiles(Files);
        });
    }

    /// <summary>What stands in for the page while it has not been built.</summary>
    public static void MapPages(this WebApplication app)
    {
        if (HasPage(app))
        {
            return;
        }

        app.MapGet("/", (HttpContext context) =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(NotBuilt, context.RequestAborted);
        }).ExcludeFromDescription();
    }

    private static bool HasPage(WebApplication app) => app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists;

    private static bool IsView(HttpContext context) =>
        context.GetEndpoint() is null
        && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && !Array.Exists(NotViews, path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));

    private static void SetCaching(StaticFileResponseContext context) =>
        context.Context.Response.Headers[HeaderNames.CacheControl] = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
}
