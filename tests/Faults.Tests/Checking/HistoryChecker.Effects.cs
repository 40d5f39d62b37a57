using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

public static partial class HistoryChecker
{
    /// <summary>An attempt that took as long as this was held up: what is not held up takes some hundredths of it.</summary>
    private const long HeldUp = 1_000_000_000;

    // A run whose faults changed nothing shows nothing. Each kind of fault must have been felt while it lasted: an attempt without an answer, or with one that says that nothing was done, or held up; a viewer that stays and
    // was cut; or something that the nemesis saw for itself and counted.
    private static IEnumerable<Violation> Idle(IReadOnlyList<HistoryRecord> history)
    {
        var kinds = history.OfType<Nemesis>().GroupBy(fault => fault.Fault).Where(kind => kind.Any(fault => fault.Phase == FaultPhase.Start)).ToList();
        if (kinds.Count == 0)
            yield break;
        var harms = Harms(history).ToList();
        foreach (var kind in kinds.Where(kind => !kind.Any(fault => fault is { Phase: FaultPhase.Effect, Count: > 0 })))
        {
            var stops = kind.Where(fault => fault.Phase == FaultPhase.Stop).Select(fault => fault.T).ToList();
            var times = kind.Where(fault => fault.Phase == FaultPhase.Start).Select(fault => (Begin: fault.T, End: stops.Where(stop => stop >= fault.T).DefaultIfEmpty(long.MaxValue).Min()));
            if (!times.Any(time => harms.Exists(harm => harm.Begin <= time.End && harm.End >= time.Begin)))
                yield return new(Verdict.Inconclusive, $"Fault '{kind.Key}' was injected, and while it lasted nothing failed, nothing was held up, no viewer was cut, and the nemesis saw no effect.", At: kind.First().T);
        }
    }

    private static IEnumerable<(long Begin, long End)> Harms(IReadOnlyList<HistoryRecord> history)
    {
        var asked = new Dictionary<Guid, long>();
        foreach (var record in history.OrderBy(record => record.T))
        {
            switch (record)
            {
                case Invoked invoked:
                    asked[invoked.OpId] = invoked.T;
                    break;
                case Returned returned when asked.Remove(returned.OpId, out var begin) && (returned.Type is Outcome.Info or Outcome.Fail || returned.T - begin >= HeldUp):
                    yield return (begin, returned.T);
                    break;
                case Watched { Change: Watching.Cut } cut when cut.Viewer.EndsWith("-steady", StringComparison.Ordinal):
                    yield return (cut.T, cut.T);
                    break;
            }
        }

        foreach (var begin in asked.Values)
            yield return (begin, long.MaxValue);
    }
}
