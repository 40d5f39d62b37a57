using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Warroom.Silo.Tests.Support;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Control;

/// <summary>The operators' program as a process, against a front end with its silo as a process.</summary>
public sealed partial class WarroomctlTests : IAsyncLifetime
{
    private TestDatabase? _database;
    private WarroomProcessUnderTest? _frontend;

    private WarroomProcessUnderTest Frontend => _frontend ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _frontend = await WarroomProcessUnderTest.StartFrontendAsync(_database, ("Cluster__SiloName", "only"));
        await Eventually.HoldsAsync("the silo to serve", async () => (await RunAsync("status")).Code == 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_frontend is not null)
        {
            await _frontend.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_commands_do_what_their_help_says()
    {
        var status = await RunAsync("status");
        Assert.Equal(0, status.Code);
        Assert.Matches(StatusRow(), status.Text);
        Assert.Contains("1 active, 0 draining, 0 silent", status.Text, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await RunAsync("status", "--json")).Text).RootElement;
        var id = json.GetProperty("silos")[0].GetProperty("id").GetString()!;

        using var opened = await Frontend.Http.PostAsJsonAsync("api/incidents", new { title = "Disk full", severity = "high" });
        var incident = JsonDocument.Parse(await opened.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetGuid();
        Assert.Equal((0, $"incident/{incident:N} is in memory in {id}."), await LineAsync("grains", $"incident/{incident}"));
        await Eventually.HoldsAsync("the kinds to be counted", async () => (await RunAsync("grains")).Text.StartsWith("KIND", StringComparison.Ordinal) && (await RunAsync("grains", "--json")).Text.StartsWith("[{", StringComparison.Ordinal));
        Assert.Equal((0, $"incident/{incident:N} leaves memory."), await LineAsync("deactivate", $"incident/{incident}", "--actor", "Ada"));
        await Eventually.HoldsAsync("the grain to leave memory", async () => await LineAsync("grains", $"incident/{incident}") == (1, $"incident/{incident:N} is not in memory."));
        Assert.Matches($"Ada +deactivate +incident/{incident:N} +done", (await RunAsync("commands")).Text);

        Assert.Equal((3, "warroomctl: There is no silo nobody. There are: only."), await LineAsync("drain", "nobody"));
        var refused = await LineAsync("drain", "only");
        Assert.True(refused.Code == 3 && refused.Line.Contains("cluster.last_silo", StringComparison.Ordinal), refused.Line);
        var drained = await RunAsync("drain", id, "--force");
        Assert.True(drained.Code == 0, drained.Text);
        Assert.Equal(0, await Frontend.Process.WaitForExitAsync("after it was drained"));
        Assert.Equal(4, (await RunAsync("status")).Code);
    }

    [Fact]
    public async Task Watch_prints_a_document_a_line_until_Ctrl_C()
    {
        await using var watch = Start(["watch", "--json", "--interval", "0.1"], ownGroup: true);
        for (var lines = 1; lines <= 3; lines++)
        {
            var wanted = lines;
            await watch.WaitForLineAsync($"line {wanted}", _ => watch.Lines.Count >= wanted);
        }

        watch.SendInterruptToGroup();
        Assert.Equal(0, await watch.WaitForExitAsync("after Ctrl-C"));
        Assert.All(watch.Lines, line => Assert.Equal("warroom", JsonDocument.Parse(line).RootElement.GetProperty("cluster_id").GetString()));
    }

    [Theory]
    [InlineData(2, "There is no command statsu", "statsu")]
    [InlineData(2, "There is no option --jsno", "status", "--jsno")]
    [InlineData(2, "drain takes one SILO", "drain")]
    [InlineData(2, "--timeout is a number of seconds", "drain", "x", "--timeout=soon")]
    [InlineData(2, "is no address of a front end", "status", "--url", "ftp://x")]
    [InlineData(4, "No answer of Warroom at http://127.0.0.1:9/", "status", "--url", "http://127.0.0.1:9")]
    [InlineData(3, "cluster.bad_grain", "grains", "nothing/7")]
    public async Task Wrong_command_lines_say_what_is_wrong(int code, string expected, params string[] arguments)
    {
        var said = await RunAsync(arguments);
        Assert.Equal(code, said.Code);
        Assert.Contains(expected, said.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silos_that_ended_are_listed_without_figures_and_cannot_be_drained()
    {
        var cluster = """
            {"cluster_id":"warroom","at":"2026-11-21T02:30:00Z","silos":[
              {"id":"127.0.0.1:1@7","name":"alpha","address":"127.0.0.1:1","status":"active","stale":false,"started_at":"2026-11-21T02:00:00Z","figures":{"uptime_seconds":60,"activations":1,"grains":[{"kind":"Incident","count":1}],"calls_per_second":0}},
              {"id":"127.0.0.1:2@7","name":"beta","address":"127.0.0.1:2","status":"dead","stale":false,"started_at":"2026-11-21T02:00:00Z","figures":{"uptime_seconds":60,"activations":4711,"grains":[{"kind":"Incident","count":4711}],"calls_per_second":0}}],
             "totals":{"active":1,"draining":0,"stale":0,"activations":1,"calls_per_second":0,"mailbox_depth":0,"grains":[{"kind":"Incident","count":1}]}}
            """;
        var answer = Http("200 OK", cluster);
        var status = await AgainstAsync(answer, "status");
        Assert.Matches("(?m)^beta +dead ", status.Text);
        Assert.DoesNotContain("4711", status.Text, StringComparison.Ordinal);
        Assert.Equal("KIND      SILO   GRAINS\nIncident  all         1\n          alpha       1", (await AgainstAsync(answer, "grains")).Text.TrimEnd());
        Assert.Equal((3, "warroomctl: beta has ended already: it is dead."), await AgainstAsync(answer, "drain", "beta"));
    }

    [Fact]
    public async Task Drain_is_over_when_the_silo_says_so_and_not_when_a_front_end_is_busy()
    {
        static string Cluster(string status) => Http("200 OK", $$$"""
            {"cluster_id":"warroom","at":"2026-11-21T02:30:00Z","silos":[{"id":"127.0.0.1:1@7","name":"alpha","address":"127.0.0.1:1","status":"{{{status}}}","stale":false,"started_at":"2026-11-21T02:00:00Z",
             "figures":{"with_frontend":false,"uptime_seconds":60,"activations":1,"grains":[],"calls_per_second":0}}],
             "totals":{"active":1,"draining":0,"stale":0,"activations":1,"calls_per_second":0,"mailbox_depth":0,"grains":[]}}
            """);
        var told = Http("202 Accepted", """{"id":"0198c2f0-3a5e-7b1c-9d2e-4f6071829304","kind":"drain"}""");
        var busy = Http("503 Service Unavailable", """{"detail":"The database cannot be reached.","code":"database.unavailable","trace_id":"1"}""");
        var often = Http("429 Too Many Requests", """{"detail":"Too often.","code":"request.too_many","trace_id":"2"}""");

        var (code, text) = await AgainstAsync([Cluster("active"), told, Cluster("draining"), busy, often, Cluster("stopped")], "drain", "alpha", "--force");
        Assert.Equal(0, code);
        Assert.Contains("alpha has handed everything over and ended.", text, StringComparison.Ordinal);
        Assert.Contains("database.unavailable", text, StringComparison.Ordinal);

        (code, text) = await AgainstAsync([Cluster("active"), told, busy], "drain", "alpha", "--force", "--timeout", "2");
        Assert.True(code == 5, $"{code}: {text}");
    }

    [Fact]
    public async Task Something_else_that_listens_is_told_from_Warroom()
    {
        var (code, text) = await AgainstAsync("220 mail.example ESMTP\r\n", "status");
        Assert.Equal(4, code);
        Assert.Contains("Received an invalid status line: '220 mail.example ESMTP'", text, StringComparison.Ordinal);
        (code, text) = await AgainstAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", "status");
        Assert.Equal(3, code);
        Assert.Contains("Is --url a front end's address?", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_command_and_code()
    {
        var (code, text) = await RunAsync("--help");
        Assert.Equal(0, code);
        foreach (var word in (string[])["status", "watch", "drain SILO", "grains", "deactivate ID", "commands", "--json", "WARROOM_URL", "Codes: 0"])
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await RunAsync()).Code);
    }

    private async Task<(int Code, string Line)> LineAsync(params string[] arguments)
    {
        var (code, text) = await RunAsync(arguments);
        return (code, text.Split('\n')[0]);
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments, ownGroup: false);
        var code = await process.WaitForExitAsync(string.Join(' ', arguments));
        return (code, string.Join('\n', process.Lines));
    }

    private static string Http(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>Runs it against a server that gives these answers, the last again and again.</summary>
    private Task<(int Code, string Text)> AgainstAsync(string answer, params string[] arguments) => AgainstAsync([answer], arguments);

    private async Task<(int Code, string Text)> AgainstAsync(string[] answers, params string[] arguments)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync();
        var said = await RunAsync([.. arguments, "--url", $"http://{listener.LocalEndpoint}"]);
        listener.Stop();
        await serving;
        return said;

        async Task ServeAsync()
        {
            try
            {
                for (var n = 0; ; n++)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(answers[Math.Min(n, answers.Length - 1)]));
                    client.Client.Shutdown(SocketShutdown.Send);

                    // Until the other side has read it: closing earlier might reset the connection.
                    _ = await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
                }
            }
            catch (SocketException)
            {
                // The program has ended, and so has the listener.
            }
        }
    }

    private ProcessUnderTest Start(string[] arguments, bool ownGroup) => ProcessUnderTest.Start(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "warroomctl.dll"), .. arguments],
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["WARROOM_URL"] = Frontend.Address.ToString(), ["WARROOM_ACTOR"] = null },
        ownGroup: ownGroup);

    [GeneratedRegex("^only +active +127.0.0.1:11111 +[0-9]{2}:[0-9]{2}:[0-9]{2} ", RegexOptions.Multiline)]
    private static partial Regex StatusRow();
}
