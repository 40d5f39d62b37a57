using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

public static partial class HistoryChecker
{
    // A write stands at 2·seq, a read of version v at 2·v+1; see the remarks of the class.
    private sealed record Placed(long Place, long Begin, long End, Guid Incident, Guid OpId)
    {
        public bool IsRead => (Place & 1) == 1;

        public long Version => Place / 2;

        public override string ToString() => IsRead ? $"{OpId}, which read version {Version}" : $"{OpId}, which wrote number {Version}";
    }

    private static IEnumerable<Violation> Orders(IEnumerable<Operation> operations)
    {
        foreach (var placed in operations.SelectMany(Place).GroupBy(one => one.Incident))
        {
            var byEnd = placed.OrderBy(one => one.End).ToList();
            var ended = 0;
            Placed? highest = null;
            foreach (var one in placed.OrderBy(one => one.Begin))
            {
                while (ended < byEnd.Count && byEnd[ended].End < one.Begin)
                {
                    if (highest is null || byEnd[ended].Place > highest.Place)
                        highest = byEnd[ended];
                    ended++;
                }

                if (highest is { } before && before.Place > one.Place)
                {
                    var verdict = before.IsRead || one.IsRead ? Verdict.Register : Verdict.Reordered;
                    yield return new(verdict, $"{before} of incident {one.Incident}, ended before {one}, began.", one.Incident, one.OpId, one.Begin);
                }
            }
        }
    }

    // A write whose outcome stayed unknown but that is in the log ended at some time; one that is not there never happened. The version in the answer to a write is a read in the same span of time.
    private static IEnumerable<Placed> Place(Operation operation)
    {
        foreach (var place in operation.Places)
            yield return new(2 * place.Seq, operation.InvokedAt, operation.ReturnedAt, place.Incident, operation.Id);

        foreach (var ok in operation.Oks.Where(ok => ok.Version is not null && operation.Incident is not null))
            yield return new((2 * ok.Version!.Value) + 1, operation.InvokedAt, ok.T, operation.Incident!.Value, operation.Id);
    }

    private static IEnumerable<Violation> Conditions(IEnumerable<Operation> operations, Dictionary<Guid, IReadOnlyList<FinalEvent>> timelines)
    {
        foreach (var operation in operations)
        {
            var last = operation.Incident is { } incident && timelines.TryGetValue(incident, out var events) ? events.Count : 0;
            if (operation.Incident is not null && operation.Oks.Find(ok => ok.Version < 0 || ok.Version > last) is { } beyond)
                yield return new(Verdict.Register, $"The answer to operation {operation.Id} shows version {beyond.Version}; the incident never got beyond {last}.", operation.Incident, operation.Id, beyond.T);

            var unmet = operation.Expected is { } expected ? operation.Places.Find(place => place.Seq != expected + 1) : null;
            if (unmet is not null)
                yield return new(Verdict.Register, $"Operation {operation.Id} was to be done at version {operation.Expected} only, and stands at {unmet.Seq}.", unmet.Incident, operation.Id);

            if (operation.IsWrite && operation.Places.Count > 0 && operation.Oks.Find(ok => ok.Version < operation.Places[0].Seq) is { } early)
                yield return new(Verdict.Register, $"The answer to operation {operation.Id} shows version {early.Version}, before its own number {operation.Places[0].Seq}.", operation.Incident, operation.Id, early.T);
        }
    }
}
