using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Warroom.Frontend.Errors;

namespace Warroom.Frontend.Security;

/// <summary>
/// First on every request: security headers, the request id, and the refusal of what a page of another site makes a browser send
/// (DNS rebinding by the Host header; cross-site requests and WebSockets by Origin and Sec-Fetch-Site).
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, IOptions<AccessOptions> options, AllowedOrigins origins)
{
    public const string RequestIdHeader = "X-Request-ID";
    private const int RequestIdLengthMax = 64;
    private const int ForgottenBytesMax = 32 * 1024 * 1024;

    // Mantine writes its variables into style elements; scripts come from files of our own alone.
    private static readonly StringValues PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly StringValues DataPolicy = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues NoFeatures = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues OneYear = "max-age=31536000";
    private static readonly StringValues NoStore = "no-store";

    private static readonly Refusal BadHost = new(
        StatusCodes.Status400BadRequest,
        "request.bad_host",
        "This server does not answer to that host name. Use localhost or 127.0.0.1, or name the host in Warroom:AllowedHosts.");

    private static readonly Refusal BadOrigin = new(
        StatusCodes.Status403Forbidden,
        "request.bad_origin",
        "A page of another site may not do this. If it should, name its origin in CORS_ALLOWED_ORIGINS.");

    private readonly bool _insecure = options.Value.Insecure;
    private readonly string[] _hosts = [.. options.Value.AllowedHosts];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var isHub = request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);
        SetHeaders(context, isData: isHub || request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase));
        if (!IsHostAllowed(request.Host))
        {
            return ProblemWriter.WriteAsync(context, BadHost);
        }

        if (IsCrossSite(request, isHub))
        {
            return ProblemWriter.WriteAsync(context, BadOrigin);
        }

        var bodyBytesMax = BadRequests.BodyBytesMax;
        if (BadRequests.IsWebhook(request.Path))
        {
            bodyBytesMax = BadRequests.WebhookBytesMax;
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = bodyBytesMax;
            }
        }

        return request.ContentLength > bodyBytesMax ? RefuseBodyAsync(context) : next(context);
    }

    /// <summary>Refuses the body, and lets the server read and forget what is left of it (up to a bound): a client that is still sending would otherwise see a broken connection instead of the answer.</summary>
    private static Task RefuseBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength <= ForgottenBytesMax && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = ForgottenBytesMax;
        }

        return ProblemWriter.WriteAsync(context, BadRequests.TooLarge);
    }

    private static void SetHeaders(HttpContext context, bool isData)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = isData ? DataPolicy : PagePolicy;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = NoReferrer;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        headers["Permissions-Policy"] = NoFeatures;
        headers[RequestIdHeader] = RequestId(context);
        if (isData)
        {
            headers.CacheControl = NoStore;
        }

        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = OneYear;
        }
    }

    private static string RequestId(HttpContext context)
    {
        var given = context.Request.Headers[RequestIdHeader];
        if (given is [{ Length: > 0 and <= RequestIdLengthMax } id] && IsWellFormed(id))
        {
            Activity.Current?.SetTag("http.request.header.x-request-id", id);
            return id;
        }

        return ProblemWriter.TraceId(context);
    }

    private static bool IsWellFormed(string id)
    {
        foreach (var character in id)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsHostAllowed(HostString host)
    {
        if (_insecure && _hosts.Length == 0)
        {
            return true;
        }

        var name = host.Host;
        return ListenAddresses.IsLoopbackHost(name) || Array.Exists(_hosts, allowed => allowed.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private bool IsCrossSite(HttpRequest request, bool isHub)
    {
        // A safe request changes nothing and its answer stays unread without CORS; a WebSocket is opened by GET and knows no CORS.
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (isSafe && !isHub)
        {
            return false;
        }

        var origin = request.Headers.Origin;
        return origin switch
        {
            [{ } only] => !IsOwn(only, request) && !origins.Contains(only),
            [] => request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"],
            _ => true,
        };
    }

    private static bool IsOwn(string origin, HttpRequest request)
    {
        // scheme://host[:port]; the scheme may differ, as a proxy that ends TLS in front of us makes http of https.
        var host = origin.AsSpan();
        if (host.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            host = host[7..];
        }
        else if (host.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            host = host[8..];
        }
        else
        {
            return false;
        }

        return host.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
