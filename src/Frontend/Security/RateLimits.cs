using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Warroom.Frontend.Errors;

namespace Warroom.Frontend.Security;

/// <summary>Token buckets, one for each address and kind of request. Health, metrics and the page's files are exempt. Allocates only for an address that is new.</summary>
internal sealed class RateLimits(RequestDelegate next, IOptions<AccessOptions> options, TimeProvider time)
{
    private const int BucketsMax = 100_000;
    private readonly ConcurrentDictionary<(IPAddress Address, bool IsWebhook), TokenBucket> _buckets = new();

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        var isWebhook = BadRequests.IsWebhook(path);
        var counts = isWebhook || path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
            || (path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !path.StartsWithSegments("/api/health", StringComparison.OrdinalIgnoreCase));
        return counts && Take(context.Connection.RemoteIpAddress ?? IPAddress.Loopback, isWebhook) is { } wait
            ? ProblemWriter.WriteAsync(context, TooMany(wait, isWebhook))
            : next(context);
    }

    // Alertmanager sends again what was answered with 5xx, and drops what was answered with 4xx.
    private static Refusal TooMany(TimeSpan wait, bool isWebhook) => new(
        isWebhook ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status429TooManyRequests,
        "request.too_many",
        $"Too many requests from this address. Try again in {Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))} s.",
        wait);

    private TimeSpan? Take(IPAddress address, bool isWebhook)
    {
        var key = (address, isWebhook);
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            if (_buckets.Count >= BucketsMax)
            {
                // So many addresses are an attack with made-up ones; starting anew is kind to all, and bounded.
                _buckets.Clear();
            }

            bucket = _buckets.GetOrAdd(key, new TokenBucket(PerMinute(address, isWebhook), time.GetTimestamp()));
        }

        return bucket.Take(time);
    }

    private int PerMinute(IPAddress address, bool isWebhook)
    {
        var loopback = IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4()));
        return loopback ? options.Value.LoopbackRequestsPerMinute : isWebhook ? options.Value.WebhooksPerMinute : options.Value.RequestsPerMinute;
    }

    /// <summary>Holds a minute's worth of tokens, filled evenly.</summary>
    private sealed class TokenBucket(int perMinute, long now)
    {
        private readonly Lock _gate = new();
        private double _tokens = perMinute;
        private long _filledAt = now;

        /// <summary><see langword="null"/> if a token was there; otherwise how long until the next.</summary>
        public TimeSpan? Take(TimeProvider time)
        {
            lock (_gate)
            {
                var timestamp = time.GetTimestamp();
                _tokens = Math.Min(perMinute, _tokens + (time.GetElapsedTime(_filledAt, timestamp).TotalMinutes * perMinute));
                _filledAt = timestamp;
                if (_tokens >= 1)
                {
                    _tokens--;
                    return null;
                }

                return TimeSpan.FromMinutes((1 - _tokens) / perMinute);
            }
        }
    }
}
