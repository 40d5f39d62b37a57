using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.Workload;

using Xunit;
using Xunit.Sdk;

namespace Warroom.Faults.Rows;

/// <summary>
/// A row with a guard switched off: the row's own code, on the processes of configuration Mutated, so that a row cannot drift from its control. The row must fail by its own assertions, and must find what the guard is there to prevent.
/// </summary>
internal sealed class Control
{
    /// <summary>The fewest findings that count: what is found once is found by luck.</summary>
    private const int FindingsMin = 3;

    // A control shows that something can be seen, not that it never happens: the same operations and the same faults each time serve that best.
    private const int FixedSeed = 20_261_121;
    private static readonly AsyncLocal<Control?> Ambient = new();
    private readonly string _guards;
    private readonly Func<WorkloadOptions, WorkloadOptions> _work;
    private FaultRun? _run;
    private CheckReport? _report;

    private Control(string guards, Func<WorkloadOptions, WorkloadOptions> work, bool isSlow)
    {
        _guards = guards;
        _work = work;
        IsSlow = isSlow;
    }

    /// <summary>The control that the calling code runs in, if any.</summary>
    public static Control? Current => Ambient.Value;

    /// <summary>The seed of controls that are given none.</summary>
    public static int Seed => FixedSeed;

    /// <summary>Whether the ways to the database are slow before the row begins, so that much is on its way at any moment.</summary>
    public bool IsSlow { get; }

    /// <summary>Runs a row without guards; the checker must find one of the verdicts.</summary>
    public static Task FailsAsync(string guards, Func<Task> row, Func<WorkloadOptions, WorkloadOptions> work, params Verdict[] any) =>
        FailsAsync(guards, row, work, string.Join(" or ", any), (_, report) => any.Sum(verdict => report[verdict]));

    /// <summary>Runs a row without guards; what the row looks at beside the checker must be found.</summary>
    /// <param name="guards">Comma-separated, by the names in eng/mutations.</param>
    /// <param name="row">The row.</param>
    /// <param name="work">What the row's work becomes: more of it, where that makes the finding certain.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="count">Counts it.</param>
    /// <param name="atLeast">The fewest that count.</param>
    /// <param name="isSlow">See <see cref="IsSlow"/>; of a row with links.</param>
    public static async Task FailsAsync(string guards, Func<Task> row, Func<WorkloadOptions, WorkloadOptions> work, string what, Func<FaultRun, CheckReport, int> count, int atLeast = FindingsMin, bool isSlow = false)
    {
        var control = new Control(guards, work, isSlow);
        Ambient.Value = control;
        XunitException? failure = null;
        try
        {
            await row();
        }
        catch (XunitException assertion) when (assertion is not SkipException)
        {
            failure = assertion;
        }
        finally
        {
            Ambient.Value = null;
        }

        var (run, report) = (control._run!, control._report ?? throw new InvalidOperationException("The row ended before its verdict.", failure));
        var found = count(run, report);
        var told = failure?.Message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0);
        Table.Write($"{run.Row,-44} | CONTROL without {guards}: {found} × {what} (at least {atLeast} needed); the row {(failure is null ? "HELD" : $"failed: {told}")} (seed {run.Workload.Seed})");
        Assert.True(failure is not null, $"{run.Row}, seed {run.Workload.Seed}: the row holds without {guards}, so it does not look at what these guard.");
        Assert.True(found >= atLeast, $"{run.Row}, seed {run.Workload.Seed}, without {guards}: {found} × {what}, not {atLeast}. The row failed with: {failure.Message}");
    }

    /// <summary>What the row starts instead. Only the fault makes anybody send something twice: otherwise a row would be seen to fail without its fault.</summary>
    public (TopologyOptions Topology, WorkloadOptions Work) Change(TopologyOptions topology, WorkloadOptions work) => (topology with { Mutation = _guards }, _work(work) with { Resends = false });

    /// <summary>The row's verdict.</summary>
    public void Judged(FaultRun run, CheckReport report) => (_run, _report) = (run, report);
}
