using System.Diagnostics;
using System.Net.Http;
using System.Text.RegularExpressions;

using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd;

/// <summary>The first five minutes: <c>./run</c> as a newcomer types it, with a data folder that nothing was ever started in.</summary>
public sealed partial class RunCommandTests : IAsyncDisposable
{
    // It builds what is built already, makes a database and starts three programs, on a machine that is busy with other tests.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("warroom-run-");

    public async ValueTask DisposeAsync()
    {
        await DatabaseAsync("stop", "--discard");
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_serves_the_page_refuses_a_second_start_and_leaves_no_process_after_Ctrl_C()
    {
        var port = Binaries.FreePort();
        string[] portArguments = ["--port", $"{port}", "--simulated-model"];
        await using var run = Start(portArguments);
        await run.WaitForLineAsync("Warroom to be ready", line => line.StartsWith("Warroom is ready", StringComparison.Ordinal), StartTimeout);
        Assert.Contains(run.Lines, line => line.Contains("THE MODEL IS SIMULATED", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        Assert.Contains("<title>", await http.GetStringAsync(""), StringComparison.Ordinal);
        Assert.NotEqual("[]", await http.GetStringAsync("api/services"));
        var descendants = Descendants(run.Id);
        Assert.Contains(descendants, process => process.Command.Contains("Warroom.Frontend", StringComparison.Ordinal));
        Assert.Contains(descendants, process => process.Command.Contains("Warroom.OllamaSim", StringComparison.Ordinal));

        await using var second = Start(portArguments);
        Assert.Equal(0, await second.WaitForExitAsync("as Warroom runs already"));
        Assert.Contains(second.Lines, line => line.Contains($"already runs from this checkout: http://127.0.0.1:{port}", StringComparison.Ordinal));

        Assert.Equal(0, await DatabaseAsync("status"));

        run.SendInterruptToGroup();
        Assert.Equal(130, await run.WaitForExitAsync("after Ctrl-C", TimeSpan.FromMinutes(1)));
        await Eventually.HoldsAsync(
            "every process that ./run started to be gone",
            () => !Processes().Exists(process => descendants.Exists(former => former.Id == process.Id && former.Command == process.Command)));
        Assert.Equal(3, await DatabaseAsync("status"));
    }

    [Fact]
    public async Task Run_with_silos_starts_what_failed_again_leaves_a_drained_one_and_stops_front_ends_first()
    {
        await using var run = Start(["--silos", "2", "--port", $"{Binaries.FreePort()}", "--simulated-model"]);
        var ready = await run.WaitForLineAsync("Warroom to be ready", line => line.StartsWith("Warroom is ready", StringComparison.Ordinal), StartTimeout);
        var addresses = Address().Matches(ready).Select(match => new Uri(match.Value)).ToList();
        Assert.Equal(2, addresses.Count);
        using var first = new HttpClient { BaseAddress = addresses[0] };
        using var second = new HttpClient { BaseAddress = addresses[1] };
        var api = new WarroomApi(first);
        var incident = await api.OpenIncidentAsync("Anything", "low");
        Assert.Equal(2, await new WarroomApi(second).PostAsync(incident, Guid.CreateVersion7(), "seen by both"));
        var secret = new FileInfo(Path.Combine(_data.FullName, "cluster-secret"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, secret.UnixFileMode);
        Assert.Matches("^[0-9a-f]{64}\n$", await File.ReadAllTextAsync(secret.FullName));

        var silos = await SilosAsync(first);
        Assert.Equal(["silo-1", "silo-2"], silos.Keys.Order());
        using (var victim = Process.GetProcessById(silos["silo-2"].ProcessId))
        {
            victim.Kill();
        }

        await run.WaitForLineAsync("the killed silo to be started again", line => line.StartsWith("silo 2 ended with code 137: starting it again", StringComparison.Ordinal));
        await Eventually.HoldsAsync("the new silo to serve", async () => (await SilosAsync(first)).TryGetValue("silo-2", out var silo) && silo.Id != silos["silo-2"].Id, TimeSpan.FromMinutes(1));

        // At once the first time, later if it goes on like that.
        foreach (var how in (string[])["starting it again (", "starting it again in 2 s ("])
        {
            using (var victim = Process.GetProcessById(Descendants(run.Id).Single(process => process.Command.Contains(addresses[1].ToString().TrimEnd('/'), StringComparison.Ordinal)).Id))
            {
                victim.Kill();
            }

            await run.WaitForLineAsync("the killed front end to be started again", line => line.StartsWith($"Warroom 2 ended with code 137: {how}", StringComparison.Ordinal));
            await Eventually.HoldsAsync("the new front end to serve at the same address", async () => (await StatusAsync(second)) == System.Net.HttpStatusCode.OK, TimeSpan.FromMinutes(1));
        }

        using (var drain = await first.PostAsync($"api/cluster/silos/{Uri.EscapeDataString(silos["silo-1"].Id)}/drain", null))
        {
            drain.EnsureSuccessStatusCode();
        }

        await run.WaitForLineAsync("the drained silo to be left alone", line => line.StartsWith("silo 1 was drained or stopped: it stays away", StringComparison.Ordinal));
        Assert.Equal(3, await api.PostAsync(incident, Guid.CreateVersion7(), "still there"));
        var descendants = Descendants(run.Id);

        run.SendInterruptToGroup();
        Assert.Equal(130, await run.WaitForExitAsync("after Ctrl-C", TimeSpan.FromMinutes(1)));
        Assert.Equal(["stopping Warroom 2", "stopping Warroom 1", "stopping silo 2"], run.Lines.Where(line => line.StartsWith("stopping Warroom", StringComparison.Ordinal) || line.StartsWith("stopping silo", StringComparison.Ordinal)));
        foreach (var log in (string[])["warroom-1", "warroom-2", "silo-1", "silo-2"])
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(_data.FullName, "run", $"{log}.log"));
            Assert.Contains(lines, line => line.Contains("shutdown is complete, the process ends with code 0", StringComparison.Ordinal));
        }

        await Eventually.HoldsAsync(
            "every process that ./run started to be gone",
            () => !Processes().Exists(process => descendants.Exists(former => former.Id == process.Id && former.Command == process.Command)));
    }

    /// <summary>The silos that serve, by name. Of two with one name the newer: the other one was killed, and nobody has noticed yet.</summary>
    private static async Task<Dictionary<string, (string Id, int ProcessId)>> SilosAsync(HttpClient http)
    {
        var cluster = System.Text.Json.Nodes.JsonNode.Parse(await http.GetStringAsync("api/cluster"))!;
        return cluster["silos"]!.AsArray().Where(silo => silo!["status"]!.GetValue<string>() == "active" && !silo["stale"]!.GetValue<bool>())
            .GroupBy(silo => silo!["name"]!.GetValue<string>(), StringComparer.Ordinal)
            .Select(namesakes => namesakes.MaxBy(silo => silo!["started_at"]!.GetValue<DateTimeOffset>())!)
            .ToDictionary(silo => silo["name"]!.GetValue<string>(), silo => (silo["id"]!.GetValue<string>(), silo["figures"]!["process_id"]!.GetValue<int>()), StringComparer.Ordinal);
    }

    private static async Task<System.Net.HttpStatusCode?> StatusAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("ready");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    [GeneratedRegex("http://127.0.0.1:[0-9]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();

    private async Task<int> DatabaseAsync(params string[] arguments)
    {
        await using var script = ProcessUnderTest.Start(
            Path.Combine(Repository.Root, "eng", "postgres.sh"), [.. arguments, "--data", Path.Combine(_data.FullName, "postgres")]);
        return await script.WaitForExitAsync(arguments[0]);
    }

    private ProcessUnderTest Start(IEnumerable<string> arguments)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["WARROOM_DATA"] = _data.FullName,
            [PostgresServer.ConnectionStringVariable] = null,
            ["Ollama__Endpoints__0"] = null,
        };
        return ProcessUnderTest.Start(Path.Combine(Repository.Root, "run"), arguments, environment, ownGroup: true);
    }

    private static List<ProcessRow> Descendants(int ancestor)
    {
        var all = Processes();
        var found = new List<ProcessRow>();
        var parents = new HashSet<int> { ancestor };
        while (all.FindAll(process => parents.Contains(process.Parent) && !found.Contains(process)) is { Count: > 0 } children)
        {
            found.AddRange(children);
            parents.UnionWith(children.Select(child => child.Id));
        }

        return found;
    }

    private static List<ProcessRow> Processes()
    {
        var start = new ProcessStartInfo("ps") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="])
        {
            start.ArgumentList.Add(argument);
        }

        using var ps = Process.Start(start)!;
        return [.. Row().Matches(ps.StandardOutput.ReadToEnd()).Select(row => new ProcessRow(int.Parse(row.Groups["id"].Value), int.Parse(row.Groups["parent"].Value), row.Groups["command"].Value))];
    }

    [GeneratedRegex(@"^\s*(?<id>\d+)\s+(?<parent>\d+)\s+(?<command>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    private sealed record ProcessRow(int Id, int Parent, string Command);
}
