using System.Collections.Immutable;

namespace Warroom.Health;

/// <summary>Asks what Warroom needs how it is. Each answer is shared by all who ask within a second, so that probes cost nothing.</summary>
internal sealed partial class Dependencies
{
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _time;
    private readonly ILogger<Dependencies> _logger;
    private readonly ImmutableArray<Asked> _asked;

    public Dependencies(IEnumerable<IDependencyProbe> probes, TimeProvider time, ILogger<Dependencies> logger)
    {
        _time = time;
        _logger = logger;
        _asked = [.. probes.Select(probe => new Asked(probe))];
    }

    /// <summary>One of them.</summary>
    public Task<DependencyHealth> AskAsync(string name) => AskAsync(_asked.First(asked => asked.Probe.Name == name));

    /// <summary>All of them.</summary>
    public async Task<HealthReport> ReportAsync()
    {
        var dependencies = await Task.WhenAll(_asked.Select(AskAsync));
        return new()
        {
            Status = dependencies.Any(one => one is { Required: true, Status: not "ok" }) ? "down" : dependencies.Any(one => one.Status != "ok") ? "degraded" : "ok",
            Dependencies = [.. dependencies],
        };
    }

    private Task<DependencyHealth> AskAsync(Asked asked)
    {
        lock (asked)
        {
            if (asked.Answer is null || (asked.Answer.IsCompleted && _time.GetElapsedTime(asked.At) > Shared))
            {
                asked.At = _time.GetTimestamp();
                asked.Answer = AskNowAsync(asked.Probe);
            }

            return asked.Answer;
        }
    }

    private async Task<DependencyHealth> AskNowAsync(IDependencyProbe probe)
    {
        var started = _time.GetTimestamp();
        try
        {
            var error = await probe.AskAsync();
            return error is null
                ? new() { Name = probe.Name, Status = "ok", Required = probe.Required, Milliseconds = Math.Round(_time.GetElapsedTime(started).TotalMilliseconds, 2) }
                : new() { Name = probe.Name, Status = "down", Required = probe.Required, Error = error };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogDown(probe.Name, exception);
            return new() { Name = probe.Name, Status = "down", Required = probe.Required, Error = probe.Silence };
        }
    }

    [LoggerMessage(2300, LogLevel.Warning, "The {Dependency} does not answer")]
    private partial void LogDown(string dependency, Exception exception);

    private sealed class Asked(IDependencyProbe probe)
    {
        public IDependencyProbe Probe => probe;

        public Task<DependencyHealth>? Answer { get; set; }

        public long At { get; set; }
    }
}
