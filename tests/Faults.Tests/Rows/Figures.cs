using Warroom.Faults.Checking;
using Warroom.Faults.History;

namespace Warroom.Faults.Rows;

/// <summary>What a history says in numbers. Times are milliseconds.</summary>
public sealed record Figures
{
    public required int Operations { get; init; }

    public required int Acknowledged { get; init; }

    /// <summary>Median, 99th percentile and maximum of the time from the first attempt to the acknowledgement.</summary>
    public required Percentiles Acknowledgement { get; init; }

    /// <summary>From a fault's start to the first acknowledgement of an operation begun after it, for each fault and incident.</summary>
    public required Percentiles Recovery { get; init; }

    /// <summary>From the acknowledgement to each viewer that reads as fast as it can, where it was pushed.</summary>
    public required Percentiles Delivery { get; init; }

    /// <summary>The longest time in which nothing was acknowledged, while something was asked.</summary>
    public required double LongestGap { get; init; }

    /// <summary>How many of the seconds have an acknowledgement.</summary>
    public required double Availability { get; init; }

    public static Figures Of(IReadOnlyList<HistoryRecord> history)
    {
        var first = new Dictionary<Guid, Invoked>();
        foreach (var invoked in history.OfType<Invoked>())
            first.TryAdd(invoked.OpId, invoked);
        var acknowledged = new Dictionary<Guid, long>();
        foreach (var returned in history.OfType<Returned>().Where(returned => returned.Type == Outcome.Ok && first[returned.OpId].Kind != OperationKind.Read))
            acknowledged.TryAdd(returned.OpId, returned.T);
        var times = acknowledged.Values.Order().ToList();
        return new()
        {
            Operations = first.Count,
            Acknowledged = acknowledged.Count,
            Acknowledgement = new(acknowledged.Select(pair => (pair.Value - first[pair.Key].T) / 1e6)),
            Recovery = new(Recoveries(history, first, acknowledged)),
            Delivery = new(Deliveries(history)),
            LongestGap = times.Zip(times.Skip(1), (one, next) => (next - one) / 1e6).DefaultIfEmpty().Max(),
            Availability = times.Count == 0 ? 0 : times.Select(time => time / 1_000_000_000).Distinct().Count() / (double)((times[^1] / 1_000_000_000) - (times[0] / 1_000_000_000) + 1),
        };
    }

    private static IEnumerable<double> Recoveries(IReadOnlyList<HistoryRecord> history, Dictionary<Guid, Invoked> first, Dictionary<Guid, long> acknowledged)
    {
        var starts = history.OfType<Nemesis>().Where(fault => fault.Phase == FaultPhase.Start).Select(fault => fault.T).ToList();
        var writes = acknowledged.Where(pair => first[pair.Key].Incident is not null).Select(pair => (Incident: first[pair.Key].Incident!.Value, Begin: first[pair.Key].T, End: pair.Value)).ToLookup(write => write.Incident);
        foreach (var start in starts)
        {
            foreach (var incident in writes)
            {
                // Only what was asked for while the fault was fresh, or waited already, says how long the fault kept it waiting; an incident that nobody wrote to says nothing.
                var fresh = incident.Where(write => write.Begin >= start && write.Begin < start + 5_000_000_000).Select(write => write.End).DefaultIfEmpty().Min();
                var waiting = incident.Where(write => write.Begin < start && write.End > start).Select(write => write.End).DefaultIfEmpty().Max();
                if (fresh > 0 || waiting > 0)
                    yield return ((fresh > 0 ? fresh : waiting) - start) / 1e6;
            }
        }
    }

    private static IEnumerable<double> Deliveries(IReadOnlyList<HistoryRecord> history)
    {
        var acknowledged = new Dictionary<(Guid Incident, long Seq), long>();
        var incidentOf = new Dictionary<Guid, Guid>();
        foreach (var record in history)
        {
            switch (record)
            {
                case Invoked { Incident: { } incident } invoked:
                    incidentOf[invoked.OpId] = incident;
                    break;
                case Returned { Type: Outcome.Ok, Seq: { } seq } returned when incidentOf.TryGetValue(returned.OpId, out var owner):
                    acknowledged.TryAdd((owner, seq), returned.T);
                    break;
            }
        }

        // What came before its acknowledgement took no time.
        return history.OfType<Received>().Where(received => received is { Applied: true, Via: Via.Live } && received.Viewer.EndsWith("-steady", StringComparison.Ordinal) && acknowledged.ContainsKey((received.Incident, received.Seq)))
            .Select(received => Math.Max(0, (received.T - acknowledged[(received.Incident, received.Seq)]) / 1e6));
    }
}

/// <summary>A distribution in three numbers.</summary>
public sealed record Percentiles
{
    public Percentiles(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        Count = sorted.Count;
        if (Count > 0)
            (Median, P99, Max) = (sorted[Count / 2], sorted[Math.Min(Count - 1, (int)(Count * 0.99))], sorted[^1]);
    }

    public int Count { get; }

    public double Median { get; }

    public double P99 { get; }

    public double Max { get; }

    public override string ToString() => Count == 0 ? "-" : $"{Median:0}/{P99:0}/{Max:0}";
}
