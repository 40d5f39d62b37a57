using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;

namespace Warroom.Faults.Rows;

/// <summary>The table of all rows that ran: TestResults/Faults/table.txt, which ./test prints.</summary>
internal static class Table
{
    private const string Head = "row                                          |   ops | acked | unknown (there/not) | moves | recovery ms p50/p99/max | ack ms p50/p99/max | longest gap ms | delivery ms    | resyncs | memory before → after, objects/all MiB; verdict";
    private static readonly Lock Gate = new();

    public static string File => Path.Combine(Binaries.Results, "table.txt");

    public static void Add(FaultRun run, CheckReport report, Figures figures)
    {
        var verdict = report.Violations.Count == 0 ? "held" : string.Join(", ", report.Violations.GroupBy(violation => violation.Verdict).Select(group => $"{group.Count()} {group.Key}"));
        var name = run.Topology.Options.Mutation is { } mutation ? $"{run.Row}, without {mutation}" : run.Row;
        Write(
            $"{name,-44} | {figures.Operations,5} | {figures.Acknowledged,5} | {$"{report.UnknownAttempts} ({report.UnknownApplied}/{report.UnknownNotApplied})",19} | {report.OwnershipMoves,5} | {figures.Recovery,23} | {figures.Acknowledgement,18} | "
            + $"{figures.LongestGap,14:0} | {figures.Delivery,-14} | {run.Viewers.Sum(viewer => viewer.Resumes),7} | {run.Memory}; {verdict} (seed {run.Workload.Seed})");
    }

    /// <summary>A line of a row that has other figures.</summary>
    public static void Write(string line)
    {
        lock (Gate)
        {
            if (!System.IO.File.Exists(File))
                System.IO.File.AppendAllText(File, Head + Environment.NewLine);
            System.IO.File.AppendAllText(File, line + Environment.NewLine);
        }

        Xunit.TestContext.Current.TestOutputHelper?.WriteLine(line);
    }

    /// <summary>How often something answered with a status, for rows that promise something of answers.</summary>
    public static int Answers(IReadOnlyList<HistoryRecord> history, Func<Returned, bool> which) => history.OfType<Returned>().Count(which);
}
