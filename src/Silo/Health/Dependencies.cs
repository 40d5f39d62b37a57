using System.Collections.Immutable;

namespace Warroom.Health;

/// <summary>Asks what Warroom needs how it is. Each answer is shared by all who ask within a second, so that probes cost nothing; none is asked again before it has answered.</summary>
public sealed partial class Dependencies
{
    /// <summary>A little less than a second: who asks once a second gets a new answer each time.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(0.9);
    private readonly TimeProvider _time;
    private readonly ILogger<Dependencies> _logger;
    private readonly ImmutableArray<Asked> _asked;

    /// <summary>Takes what is to be asked.</summary>
    public Dependencies(IEnumerable<IDependencyProbe> probes, TimeProvider time, ILogger<Dependencies> logger)
    {
        _time = time;
        _logger = logger;
        _asked = [.. probes.Select(probe => new Asked(probe))];
    }

    /// <summary>One of them.</summary>
    public Task<DependencyHealth> AskAsync(string name) => AskAsync(_asked.First(asked => asked.Probe.Name == name));

    /// <summary>Those without which nothing works, by name, each as soon as it answers.</summary>
    public IReadOnlyList<(string Name, Task<DependencyHealth> Answer)> AskRequired() => [.. _asked.Where(asked => asked.Probe.Required).Select(asked => (asked.Probe.Name, AskAsync(asked)))];

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
                asked.Answer = AskNowAsync(asked);
            }

            return asked.Answer;
        }
    }

    private async Task<DependencyHealth> AskNowAsync(Asked asked)
    {
        var probe = asked.Probe;
        var started = _time.GetTimestamp();
        try
        {
            if (await probe.AskAsync() is { } error)
            {
                Note(asked, error, exception: null);
                return new() { Name = probe.Name, Status = "down", Required = probe.Required, Error = error };
            }

            Note(asked, error: null, exception: null);
            return new() { Name = probe.Name, Status = "ok", Required = probe.Required, Milliseconds = Math.Round(_time.GetElapsedTime(started).TotalMilliseconds, 2) };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Note(asked, probe.Silence, exception);
            return new() { Name = probe.Name, Status = "down", Required = probe.Required, Error = probe.Silence };
        }
    }

    /// <summary>Logs what is new: it is asked as often as somebody asks, and an outage is two lines.</summary>
    private void Note(Asked asked, string? error, Exception? exception)
    {
        if (asked.IsDown == error is not null)
        {
            return;
        }

        asked.IsDown = error is not null;
        if (error is null)
        {
            LogUp(asked.Probe.Name);
        }
        else
        {
            LogDown(asked.Probe.Name, error, exception);
        }
    }

    [LoggerMessage(2300, LogLevel.Warning, "The {Dependency} does not answer as it should: {Error}")]
    private partial void LogDown(string dependency, string error, Exception? exception);

    [LoggerMessage(2301, LogLevel.Information, "The {Dependency} answers again")]
    private partial void LogUp(string dependency);

    private sealed class Asked(IDependencyProbe probe)
    {
        public IDependencyProbe Probe => probe;

        public Task<DependencyHealth>? Answer { get; set; }

        public long At { get; set; }

        /// <summary>What its last answer was. One question is under way at a time.</summary>
        public bool IsDown { get; set; }
    }
}
