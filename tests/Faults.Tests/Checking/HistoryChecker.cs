using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

/// <summary>
/// Decides from what clients did and saw, and from what is stored in the end, whether the contract held. Numbers are gap-free within an incident, so every check is exact and needs no search: O(n log n) in the length of the history.
/// </summary>
/// <remarks>
/// Real time and the register. Place the writes of an incident at 2·seq and a read of version v at 2·v+1. A total order that respects real time exists if and only if no operation that ended before another began stands at a higher
/// place: order by place, and reads of one version by their beginning. So one sweep over the operations by their beginning, with the highest place that has ended so far, finds all violations; which verdict it is depends on the two kinds.
/// The bound that is often used instead, "v is at most the highest version of a write begun before the read ended", is weaker: it misses a read of 2 that ended before write 1 began when write 2 is still running.
/// </remarks>
public static partial class HistoryChecker
{
    /// <summary>Checks a history against what is there in the end.</summary>
    public static CheckReport Check(IReadOnlyList<HistoryRecord> history, FinalState final)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(final);
        var operations = Operations(history, final);
        var timelines = final.Events.GroupBy(logged => logged.Incident).ToDictionary(group => group.Key, group => (IReadOnlyList<FinalEvent>)[.. group]);
        var violations = new List<Violation>();
        foreach (var (incident, events) in timelines)
        {
            violations.AddRange(Gaps(events));
            violations.AddRange(BrokenChain(incident, events));
            violations.AddRange(StaleCommits(events));
        }

        violations.AddRange(StaleOwners(final));
        violations.AddRange(Outcomes(operations.Values));
        violations.AddRange(Phantoms(operations, final));
        violations.AddRange(OtherContents(operations));
        violations.AddRange(Orders(operations.Values));
        violations.AddRange(Conditions(operations.Values, timelines));
        violations.AddRange(Viewers(history, timelines));
        violations.AddRange(Streams(history, final));
        violations.AddRange(Idle(history));
        var unknown = operations.Values.Where(operation => operation.IsWrite && operation.Outcome == Outcome.Info).ToList();
        return new()
        {
            Violations = violations,
            Operations = operations.Count,
            UnknownAttempts = history.OfType<Returned>().Count(returned => returned.Type == Outcome.Info),
            UnknownApplied = unknown.Count(operation => operation.Places.Count > 0),
            UnknownNotApplied = unknown.Count(operation => operation.Places.Count == 0),
            OwnershipMoves = timelines.Values.Sum(events => events.Select(logged => logged.Epoch).Distinct().Count() - 1),
        };
    }

    private static Dictionary<Guid, Operation> Operations(IReadOnlyList<HistoryRecord> history, FinalState final)
    {
        var operations = new Dictionary<Guid, Operation>();
        foreach (var record in history.Where(record => record is Invoked or Returned).OrderBy(record => record.T))
        {
            switch (record)
            {
                case Invoked invoked when operations.TryGetValue(invoked.OpId, out var known):
                    known.Add(invoked);
                    break;
                case Invoked invoked:
                    operations.Add(invoked.OpId, new(invoked));
                    break;
                case Returned returned:
                    operations[returned.OpId].Add(returned);
                    break;
            }
        }

        foreach (var logged in final.Events)
        {
            if (operations.TryGetValue(logged.OpId, out var operation))
                operation.Places.Add(logged);
        }

        return operations;
    }

    private static IEnumerable<Violation> Gaps(IReadOnlyList<FinalEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Seq != i + 1)
            {
                yield return new(Verdict.Gap, $"Place {i + 1} of incident {events[i].Incident} holds number {events[i].Seq}.", events[i].Incident);
                yield break;
            }
        }
    }

    private static IEnumerable<Violation> BrokenChain(Guid incident, IReadOnlyList<FinalEvent> events)
    {
        var previous = Hashes.Genesis;
        foreach (var logged in events)
        {
            var expected = Hashes.Next(previous, incident, logged.Seq, logged.Body);
            if (expected != logged.Hash)
            {
                yield return new(Verdict.Forked, $"The hash of number {logged.Seq} of incident {incident} is {logged.Hash}; its predecessor and body make {expected}.", incident, logged.OpId);
                yield break;
            }

            previous = logged.Hash;
        }
    }

    private static IEnumerable<Violation> StaleCommits(IReadOnlyList<FinalEvent> events)
    {
        var highest = 0L;
        foreach (var logged in events)
        {
            if (logged.Epoch < highest)
                yield return new(Verdict.StaleCommit, $"Number {logged.Seq} of incident {logged.Incident} was written in epoch {logged.Epoch}, after epoch {highest} had begun.", logged.Incident, logged.OpId);
            highest = Math.Max(highest, logged.Epoch);
        }
    }

    // Every write of a row names its writer: two processes in one epoch, or an event of another epoch than the write that brought it.
    private static IEnumerable<Violation> StaleOwners(FinalState final)
    {
        var epochOf = final.Events.ToDictionary(logged => (logged.Incident, logged.Seq), logged => logged.Epoch);
        var writers = new Dictionary<(Guid Incident, long Epoch), Guid>();
        var versions = new Dictionary<Guid, (long Version, long Epoch)>();
        foreach (var write in final.Owners)
        {
            if (!writers.TryAdd((write.Incident, write.Epoch), write.Writer) && writers[(write.Incident, write.Epoch)] != write.Writer)
                yield return new(Verdict.StaleCommit, $"Epoch {write.Epoch} of incident {write.Incident} has two writers: {writers[(write.Incident, write.Epoch)]} and {write.Writer}.", write.Incident);

            var before = versions.GetValueOrDefault(write.Incident);
            if (write.Epoch < before.Epoch)
                yield return new(Verdict.StaleCommit, $"The row of incident {write.Incident} went from epoch {before.Epoch} back to {write.Epoch}.", write.Incident);

            for (var seq = before.Version + 1; seq <= write.Version; seq++)
            {
                if (epochOf.TryGetValue((write.Incident, seq), out var epoch) && epoch != write.Epoch)
                    yield return new(Verdict.StaleCommit, $"Number {seq} of incident {write.Incident} says epoch {epoch}; its owner then was in epoch {write.Epoch}.", write.Incident);
            }

            versions[write.Incident] = (write.Version, write.Epoch);
        }
    }

    private static IEnumerable<Violation> Outcomes(IEnumerable<Operation> operations)
    {
        foreach (var operation in operations.Where(operation => operation.IsWrite))
        {
            foreach (var twice in operation.Places.GroupBy(place => place.Part).Where(group => group.Count() > 1))
            {
                yield return new(
                    Verdict.Duplicated,
                    $"Operation {operation.Id} ({operation.Kind}) stands at {string.Join(", ", twice.Select(place => $"{place.Incident}/{place.Seq}"))}.",
                    twice.First().Incident,
                    operation.Id);
            }

            if (operation.Outcome == Outcome.Ok && operation.Places.Count == 0)
                yield return new(Verdict.Lost, $"Operation {operation.Id} ({operation.Kind}) was acknowledged and is not in the log.", operation.Incident, operation.Id, operation.ReturnedAt);
            else if (operation.Oks.FirstOrDefault(ok => ok.Seq is { } seq && operation.Places.TrueForAll(place => place.Seq != seq)) is { } moved && operation.Places.Count > 0)
                yield return new(Verdict.Lost, $"Operation {operation.Id} was acknowledged at {moved.Seq} and stands at {operation.Places[0].Seq}.", operation.Incident, operation.Id, moved.T);

            // A refusal is of the operation, not of the attempt: what an earlier attempt without an answer did is found by its id before anything else is asked.
            if (operation.Outcome == Outcome.Fail && operation.Places.Count > 0)
                yield return new(Verdict.Phantom, $"Operation {operation.Id} ({operation.Kind}) was answered with {operation.Refusal?.Code ?? "nothing but failures"} and stands at {operation.Places[0].Seq}.", operation.Places[0].Incident, operation.Id);
        }
    }

    private static IEnumerable<Violation> Phantoms(Dictionary<Guid, Operation> operations, FinalState final) =>
        final.Events.Where(logged => !operations.ContainsKey(logged.OpId) && !final.Others.Contains(logged.OpId))
            .Select(logged => new Violation(Verdict.Phantom, $"Number {logged.Seq} of incident {logged.Incident} belongs to operation {logged.OpId}, which nobody began.", logged.Incident, logged.OpId));

    private static IEnumerable<Violation> OtherContents(Dictionary<Guid, Operation> operations) =>
        from operation in operations.Values
        where operation.Payload is not null
        from place in operation.Places
        where place.Payload is not null && place.Payload != operation.Payload
        select new Violation(Verdict.Forked, $"Number {place.Seq} of incident {place.Incident} holds something else than operation {operation.Id} sent.", place.Incident, operation.Id);
}
