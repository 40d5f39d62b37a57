using System.Globalization;
using System.Text.RegularExpressions;

using Warroom.Faults.Harness;
using Warroom.Faults.History;

namespace Warroom.Faults.Rows;

/// <summary>
/// What must be so after every row beside the checker's verdict, when all faults are healed and it is quiet: every process is there and ready without having been helped, nothing in the logs or answers that says
/// that a bug was met, and memory as before.
/// </summary>
internal sealed partial class Gate
{
    // On top of a tenth, for each process. Objects: operation ids and the like of the row's own work, which stay in memory (the events that front ends keep are counted for themselves). The rest: code, which the runtime goes on compiling (and compiles anew in a process that
    // was started again); measured at 10 to 25 MiB after a minute's work in a process of 130.
    private const long ObjectsAllowance = 4L << 20;
    private const long ResidentAllowance = 40L << 20;
    private const string FrontEnds = "front ends";

    // 1105 and 1305: a silo whose lease has run out says so, and ends. 3101 and 3201: what was committed could not be published, for a process died (whether viewers have it all the same is the checker's question).
    // 2103: the outcome of a write is not known, for the database did not answer in time (whether its client was told so is the checker's question, too).
    private static readonly HashSet<int> ForeseenErrors = [1105, 1305, 2103, 3101, 3201];

    // The runtime's pool of arrays keeps what was rented (answers of half a megabyte) for about a minute and lets go of it by and by then, with each collection (its design; not measured here).
    private static readonly TimeSpan SettleMax = TimeSpan.FromSeconds(90);
    private readonly FaultRun _run;
    private IReadOnlyList<Use> _before = [];

    public Gate(FaultRun run) => _run = run;

    /// <summary>Memory before and after, by kind of process, in words.</summary>
    public string Memory { get; private set; } = "";

    /// <summary>Before the first fault, when everybody is there and works.</summary>
    public async Task OpenAsync() => _before = await UseAsync();

    /// <summary>What is not as it should be.</summary>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        var findings = new List<string>();
        foreach (var process in _run.Topology.All)
        {
            if (!process.IsRunning)
                findings.Add($"{process.Name} ended by itself after everything was healed.");
            else if (await process.StatusAsync("ready") is var status and not 200)
                findings.Add($"{process.Name} answers /ready with {status?.ToString() ?? "nothing"}.");
        }

        if (findings.Count == 0)
            findings.AddRange(await MemoryAsync());
        findings.AddRange(_run.Topology.All.SelectMany(process => process.Log().Where(IsBug).Select(line => $"{process.Name}: {line}")).Take(5));
        findings.AddRange(_run.History.Records().OfType<Returned>().Where(returned => returned.Code is "500" || returned.Code!.StartsWith("500 ", StringComparison.Ordinal)).Take(3).Select(returned => $"Operation {returned.OpId} was answered with {returned.Code}."));
        if (_run.History.Records().OfType<Returned>().Count(returned => returned.Code == "429 request.too_many") is var throttled and > 0)
            findings.Add($"{throttled} attempts met the limit of requests for one address: the load was not what the row asks for.");
        return findings;
    }

    /// <summary>A line of a log that no fault excuses: an error that is not one of those that faults are foreseen to bring, a task that failed and that nobody waited for, the end of a process by the runtime.</summary>
    internal static bool IsBug(string line) =>
        line.StartsWith("Unhandled exception", StringComparison.Ordinal) || line.StartsWith("Process terminated", StringComparison.Ordinal) || line.StartsWith("Fatal error", StringComparison.Ordinal)
        || (Error().Match(line) is { Success: true } error && !ForeseenErrors.Contains(int.Parse(error.Groups["id"].ValueSpan, CultureInfo.InvariantCulture)));

    // Kinds are compared, not processes: viewers and incidents go from one to another.
    private async Task<IEnumerable<string>> MemoryAsync()
    {
        var begin = HistoryFile.Now;
        var tails = await FinalRead.TailBytesAsync(_run.Topology.DirectConnection);
        while (true)
        {
            var after = await UseAsync();
            var grown = after.Zip(_before).Where(pair => !pair.First.IsLike(pair.Second, pair.First.Kind == FrontEnds ? tails : 0)).ToList();
            if (grown.Count == 0 || HistoryFile.Now - begin > SettleMax.TotalNanoseconds)
            {
                Memory = string.Join(", ", after.Zip(_before).Select(pair => $"{pair.First.Kind} {pair.Second} → {pair.First}"));
                return grown.Select(pair => $"Memory of the {pair.First.Kind}, objects/all in MiB: {pair.First}; before the faults {pair.Second}.");
            }

            // The collector gives back what it freed by and by.
            await FaultRun.ForAsync(TimeSpan.FromMilliseconds(500));
        }
    }

    // Twice: the first collection has finalizers run, which is also when a failure that nobody saw is reported.
    private async Task<IReadOnlyList<Use>> UseAsync()
    {
        foreach (var process in _run.Topology.All)
            await Collector.CollectAsync(process.Process.Id);
        var uses = new List<Use>();
        foreach (var (kind, processes) in ((string, IReadOnlyList<WarroomProcess>)[])[("silos", _run.Topology.Silos), (FrontEnds, _run.Topology.FrontEnds)])
        {
            var use = new Use(kind, processes.Count, 0, 0);
            foreach (var process in processes)
            {
                await Collector.CollectAsync(process.Process.Id);
                use = use with { Objects = use.Objects + (long)await process.MetricAsync("dotnet_gc_last_collection_heap_size_bytes"), Resident = use.Resident + process.Memory() };
            }

            if (processes.Count > 0)
                uses.Add(use);
        }

        return uses;
    }

    // Lines begin like this (JSON, one object each).
    [GeneratedRegex("^\\{\"Timestamp\":\"[^\"]*\",\"EventId\":(?<id>[0-9]+),\"LogLevel\":\"(Error|Critical)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Error();

    private sealed record Use(string Kind, int Processes, long Objects, long Resident)
    {
        public bool IsLike(Use before, long kept) =>
            Objects > 0 && Objects <= (before.Objects * 1.1) + ((ObjectsAllowance + kept) * Processes) && Resident <= (before.Resident * 1.1) + (ResidentAllowance * Processes);

        public override string ToString() => $"{Objects >> 20}/{Resident >> 20}";
    }
}
