using Warroom.Bench.Baselines;
using Warroom.Bench.Load;
using Warroom.Bench.Workloads;
using Warroom.Testing;

switch (args)
{
    case ["serve-relay", var port, var model]:
        await RelayBaseline.ServeAsync(int.Parse(port), model);
        return 0;
    case ["serve-silo", var connectionString]:
        await SiloProcess.ServeAsync(connectionString);
        return 0;
    case ["serve-insert", var port, var connectionString]:
        await InsertBaseline.ServeAsync(int.Parse(port), connectionString);
        return 0;
}

var workloads = new Dictionary<string, Func<Report, PostgresServer, Task>>(StringComparer.Ordinal)
{
    ["engine"] = (report, _) => EngineWorkloads.RunAsync(report),
    ["wire"] = (report, _) => EngineWorkloads.WireAsync(report),
    ["state"] = StateWorkloads.RunAsync,
    ["timeline"] = TimelineWorkloads.WritesAsync,
    ["relay"] = RelayWorkloads.PacedAsync,
    ["relay-max"] = RelayWorkloads.FlatOutAsync,
    ["relay-stalled"] = RelayWorkloads.StalledViewerAsync,
    ["viewers"] = TimelineWorkloads.ViewersAsync,
    ["cluster"] = ClusterWorkloads.RunAsync,
    ["cluster-streams"] = ClusterStreamWorkloads.RunAsync,
    ["two-hops"] = SplitWorkloads.RunAsync,
    ["view-change"] = ViewChangeWorkloads.RunAsync,
    ["scaling"] = ClusterWorkloads.ScalingAsync,
    ["connections"] = ConnectionWorkloads.RunAsync,
};
var chosen = args.Length == 0 ? workloads.Keys.ToArray() : args;
if (chosen.FirstOrDefault(name => !workloads.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no workload '{unknown}'. There are: {string.Join(", ", workloads.Keys)}.");
    return 2;
}

var results = new Report();
Report.PrintHead();
await using (var postgres = await PostgresServer.StartPrivateAsync())
{
    foreach (var name in chosen)
        await workloads[name](results, postgres);
}

var output = Path.Combine(Repository.Root, "bench", "results");
results.Write(output, args.Length == 0 ? "latest" : string.Join('+', chosen));
return 0;
