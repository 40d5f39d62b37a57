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
