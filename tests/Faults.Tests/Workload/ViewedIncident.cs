using System.Text.Json;

using Warroom.Faults.Checking;
using Warroom.Faults.History;

namespace Warroom.Faults.Workload;

/// <summary>
/// What a viewer has of one incident, by the rule of docs/contracts.md: it applies only the number after its last, keeps what is further on, and asks again for what it lacks. Not safe for use from several threads.
/// </summary>
public sealed class ViewedIncident(string viewer, Guid incident, HistoryFile history)
{
    private readonly SortedDictionary<long, (string Hash, string Payload)> _ahead = [];

    public Guid Incident => incident;

    /// <summary>The number that it has everything up to.</summary>
    public long Last { get; private set; }

    /// <summary>Whether something further on is there, so that something is missing.</summary>
    public bool HasGap => _ahead.Count > 0;

    /// <summary>The version of the incident that the server told it of.</summary>
    public long Known { get; private set; }

    /// <summary>Forgets everything, as a page does that is loaded again.</summary>
    public void Restart()
    {
        history.Add(new Watched(viewer, incident, Watching.Leave, Last));
        Last = 0;
        _ahead.Clear();
        history.Add(new Watched(viewer, incident, Watching.Join));
    }

    /// <summary>Takes events, and the version that came with them.</summary>
    public void Take(JsonElement events, long version, Via via)
    {
        Known = Math.Max(Known, version);
        foreach (var logged in events.EnumerateArray())
        {
            var seq = logged.GetProperty("seq").GetInt64();
            var hash = logged.GetProperty("hash").GetString()!;
            var payload = Hashes.Of(logged.GetProperty("body").GetString()!);
            if (seq == Last + 1)
                Apply(seq, hash, payload, via);
            else
                Keep(seq, hash, payload, via);
        }

        while (_ahead.Remove(Last + 1, out var next))
            Apply(Last + 1, next.Hash, next.Payload, via);
    }

    private void Keep(long seq, string hash, string payload, Via via)
    {
        history.Add(new Received(viewer, incident, seq, hash, payload, Applied: false, via));
        if (seq > Last)
            _ahead.TryAdd(seq, (hash, payload));
    }

    private void Apply(long seq, string hash, string payload, Via via)
    {
        history.Add(new Received(viewer, incident, seq, hash, payload, Applied: true, via));
        Last = seq;
        _ahead.Remove(seq);
    }
}
