using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

/// <summary>
/// The same question answered the slow way, for a handful of operations on one incident: is there an order of everything that happened which respects real time, in which each step does what its client was told, and which leaves the log as it is?
/// </summary>
internal static class BruteForce
{
    /// <summary>One thing that must, or may, have happened at one moment between <paramref name="Begin"/> and <paramref name="End"/>.</summary>
    /// <param name="OpId">The operation.</param>
    /// <param name="IsRead">A read of <paramref name="Answer"/>; otherwise a write that was told its number <paramref name="Answer"/>, if any.</param>
    /// <param name="Answer">See there.</param>
    /// <param name="Expected">The version that a write needs.</param>
    /// <param name="Begin">Not before.</param>
    /// <param name="End">Not after.</param>
    /// <param name="After">Another step that must have been taken already.</param>
    internal sealed record Step(Guid OpId, bool IsRead, long? Answer, long? Expected, long Begin, long End, Step? After = null);

    public static bool IsPossible(IReadOnlyList<HistoryRecord> history, IReadOnlyList<(long Seq, Guid OpId)> log)
    {
        if (log.Where((entry, index) => entry.Seq != index + 1).Any())
            return false;

        var must = new List<Step>();
        var may = new List<Step>();
        foreach (var operation in history.OfType<Invoked>().GroupBy(invoked => invoked.OpId))
        {
            var first = operation.First();
            var answers = history.OfType<Returned>().Where(returned => returned.OpId == operation.Key).ToList();
            var oks = answers.Where(answer => answer.Type == Outcome.Ok).ToList();

            // Attempts come one after the other; those before the first that did not fail did nothing.
            var begin = operation.Zip(answers.Select(answer => (Outcome?)answer.Type).Concat(Enumerable.Repeat((Outcome?)null, operation.Count()))).FirstOrDefault(attempt => attempt.Second != Outcome.Fail).First?.T ?? first.T;
            if (first.Kind == OperationKind.Read)
            {
                must.AddRange(oks.Select(ok => new Step(first.OpId, IsRead: true, ok.Version, null, begin, ok.T)));
                continue;
            }

            if (oks.Count > 0)
            {
                if (oks.Select(ok => ok.Seq).OfType<long>().Distinct().Count() > 1)
                    return false;
                var write = new Step(first.OpId, IsRead: false, oks.Find(ok => ok.Seq is not null)?.Seq, first.Expected, begin, oks.Min(ok => ok.T));
                must.Add(write);
                must.AddRange(oks.Where(ok => ok.Version is not null).Select(ok => new Step(first.OpId, IsRead: true, ok.Version, null, begin, ok.T, write)));
            }
            else if (!answers.Exists(answer => answer.Type == Outcome.Refused) && (answers.Exists(answer => answer.Type == Outcome.Info) || answers.Count < operation.Count()))
            {
                may.Add(new(first.OpId, IsRead: false, null, first.Expected, begin, long.MaxValue));
            }
        }

        return Try([], must, may, 0, log);
    }

    private static bool Try(HashSet<Step> taken, List<Step> must, List<Step> may, int version, IReadOnlyList<(long Seq, Guid OpId)> log)
    {
        if (version == log.Count && must.TrueForAll(taken.Contains))
            return true;
        foreach (var step in must.Concat(may).Where(step => !taken.Contains(step)))
        {
            var isTooEarly = must.Exists(other => !taken.Contains(other) && other.End < step.Begin) || (step.After is { } after && !taken.Contains(after));
            var fits = step.IsRead
                ? step.Answer == version
                : version < log.Count && log[version].OpId == step.OpId && (step.Expected ?? version) == version && (step.Answer ?? version + 1) == version + 1;
            if (isTooEarly || !fits)
                continue;
            taken.Add(step);
            if (Try(taken, must, may, step.IsRead ? version : version + 1, log))
                return true;
            taken.Remove(step);
        }

        return false;
    }
}
