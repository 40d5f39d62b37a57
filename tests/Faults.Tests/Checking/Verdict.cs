namespace Warroom.Faults.Checking;

/// <summary>What may be found wrong.</summary>
public enum Verdict
{
    /// <summary>Acknowledged and not there, or not where it was acknowledged.</summary>
    Lost,

    /// <summary>There twice, or shown twice.</summary>
    Duplicated,

    /// <summary>There, though nobody asked for it or it was refused.</summary>
    Phantom,

    /// <summary>Numbers do not run 1, 2, 3, …</summary>
    Gap,

    /// <summary>Shown out of order, or the order of numbers contradicts real time.</summary>
    Reordered,

    /// <summary>Two contents for one number, or a broken hash chain, or not what was sent.</summary>
    Forked,

    /// <summary>An owner wrote after another had taken over.</summary>
    StaleCommit,

    /// <summary>Versions as read, and as conditions of writes, are not those of one register.</summary>
    Register,

    /// <summary>A viewer that stayed lacks an event in the end.</summary>
    NeverDelivered,

    /// <summary>A reply's pieces do not join, differ from what is stored, or it ends twice or not at all.</summary>
    Stream,

    /// <summary>The faults changed nothing, so the run shows nothing.</summary>
    Inconclusive,
}

/// <summary>One finding.</summary>
/// <param name="Verdict">Which.</param>
/// <param name="What">A sentence that names what contradicts what.</param>
/// <param name="Incident">The incident, to find the records around it.</param>
/// <param name="OpId">The operation.</param>
/// <param name="At">When, if one moment can be named.</param>
public sealed record Violation(Verdict Verdict, string What, Guid? Incident = null, Guid? OpId = null, long? At = null);

/// <summary>What the checker says.</summary>
public sealed record CheckReport
{
    /// <summary>All findings; empty when the contract held.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>Operations begun.</summary>
    public required int Operations { get; init; }

    /// <summary>Attempts without an answer, or with one that says so.</summary>
    public required int UnknownAttempts { get; init; }

    /// <summary>Operations whose outcome their client never learned, and that are in the log.</summary>
    public required int UnknownApplied { get; init; }

    /// <summary>The same, and not in the log.</summary>
    public required int UnknownNotApplied { get; init; }

    /// <summary>How often an incident got another epoch than its first.</summary>
    public required int OwnershipMoves { get; init; }

    /// <summary>How many of a verdict there are.</summary>
    public int this[Verdict verdict] => Violations.Count(violation => violation.Verdict == verdict);

    /// <summary>Counts, and the first three witnesses of each verdict with the records around them.</summary>
    public string Describe(IReadOnlyList<History.HistoryRecord> history)
    {
        var lines = new List<string>();
        foreach (var group in Violations.GroupBy(violation => violation.Verdict))
        {
            lines.Add($"{group.Key}: {group.Count()}");
            foreach (var violation in group.Take(3))
            {
                lines.Add($"  {violation.What}");
                lines.AddRange(Witness(history, violation).Select(record => $"    {record}"));
            }
        }

        return string.Join(Environment.NewLine, lines);
    }

    private static IEnumerable<History.HistoryRecord> Witness(IReadOnlyList<History.HistoryRecord> history, Violation violation)
    {
        var own = history.Where(record => violation.OpId is { } id && record switch
        {
            History.Invoked invoked => invoked.OpId == id,
            History.Returned returned => returned.OpId == id,
            _ => false,
        }).Take(8);
        var around = violation.At is { } at ? history.Where(record => Math.Abs(record.T - at) < 50_000_000).Take(8) : [];
        return own.Concat(around).Concat(history.OfType<History.Nemesis>().Where(fault => violation.At is null || fault.T <= violation.At).TakeLast(2)).Distinct().OrderBy(record => record.T);
    }
}
