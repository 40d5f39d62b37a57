using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

public static partial class HistoryChecker
{
    private sealed class Seat
    {
        public long Last { get; set; }

        public bool Wants { get; set; }
    }

    private static IEnumerable<Violation> Viewers(IReadOnlyList<HistoryRecord> history, Dictionary<Guid, IReadOnlyList<FinalEvent>> timelines)
    {
        var contents = timelines.Values.SelectMany(events => events).GroupBy(logged => (logged.Incident, logged.Seq)).ToDictionary(group => group.Key, group => (group.First().Hash, Payload: Hashes.Of(group.First().Body)));
        var seats = new Dictionary<(string Viewer, Guid Incident), Seat>();
        foreach (var record in history.Where(record => record is Received or Watched))
        {
            if (record is Watched watched)
            {
                var seat = SeatOf(seats, watched.Viewer, watched.Incident);
                if (watched.Change == Watching.Join)
                    (seat.Last, seat.Wants) = (watched.FromSeq, true);
                else if (watched.Change == Watching.Leave)
                    seat.Wants = false;
                else if (watched.Change == Watching.Resume && watched.FromSeq != seat.Last)
                    yield return new(Verdict.Reordered, $"Viewer {watched.Viewer} resumed incident {watched.Incident} from {watched.FromSeq} and had {seat.Last}.", watched.Incident, At: watched.T);
                continue;
            }

            foreach (var violation in Take((Received)record, SeatOf(seats, ((Received)record).Viewer, ((Received)record).Incident), contents))
                yield return violation;
        }

        foreach (var ((viewer, incident), seat) in seats.Where(pair => pair.Value.Wants))
        {
            var last = timelines.TryGetValue(incident, out var events) ? events[^1].Seq : 0;
            if (seat.Last < last)
                yield return new(Verdict.NeverDelivered, $"Viewer {viewer} stayed with incident {incident} and has {seat.Last} of {last} events.", incident);
        }
    }

    private static IEnumerable<Violation> Take(Received received, Seat seat, Dictionary<(Guid Incident, long Seq), (string Hash, string Payload)> contents)
    {
        if (!contents.TryGetValue((received.Incident, received.Seq), out var stored))
            yield return new(Verdict.Phantom, $"Viewer {received.Viewer} was given number {received.Seq} of incident {received.Incident}, which is not stored.", received.Incident, At: received.T);
        else if (stored.Hash != received.Hash || stored.Payload != received.Payload)
            yield return new(Verdict.Forked, $"Viewer {received.Viewer} was given another number {received.Seq} of incident {received.Incident} than is stored.", received.Incident, At: received.T);

        if (!received.Applied)
            yield break;
        if (received.Seq <= seat.Last)
            yield return new(Verdict.Duplicated, $"Viewer {received.Viewer} showed number {received.Seq} of incident {received.Incident} again after {seat.Last}.", received.Incident, At: received.T);
        else if (received.Seq != seat.Last + 1)
            yield return new(Verdict.Reordered, $"Viewer {received.Viewer} showed number {received.Seq} of incident {received.Incident} after {seat.Last}.", received.Incident, At: received.T);
        seat.Last = Math.Max(seat.Last, received.Seq);
    }

    private static Seat SeatOf(Dictionary<(string Viewer, Guid Incident), Seat> seats, string viewer, Guid incident)
    {
        if (!seats.TryGetValue((viewer, incident), out var seat))
            seats.Add((viewer, incident), seat = new());
        return seat;
    }
}
