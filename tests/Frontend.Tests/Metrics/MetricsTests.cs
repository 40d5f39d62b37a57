using System.Diagnostics;
using System.Net.Http;
using System.Text.RegularExpressions;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Metrics;

public sealed partial class MetricsTests(FrontendApp app)
{
    [Fact]
    public async Task Page_has_the_promised_names_with_route_templates_and_counters_never_fall()
    {
        var id = await app.OpenIncidentAsync();
        await app.SendAsync(HttpMethod.Get, $"/api/incidents/{id}");
        var first = await app.Http.GetStringAsync("/metrics");
        await app.SendAsync(HttpMethod.Get, $"/api/incidents/{id}");
        var second = await app.Http.GetStringAsync("/metrics");

        foreach (var name in new[]
        {
            "http_requests_total", "http_request_duration_seconds_bucket", "process_cpu_user_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds",
            "dotnet_gc_", "dotnet_thread_pool_",
        })
        {
            Assert.Contains($"\n{name}", second, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(id.ToString(), second, StringComparison.Ordinal);
        const string series = """http_requests_total{method="GET",path="/api/incidents/{id}",status="200"}""";
        var before = Value(first, series);
        var after = Value(second, series);
        Assert.True(after > before, $"The counter did not grow: {string.Join('\n', second.Split('\n').Where(line => line.StartsWith("http_requests_total", StringComparison.Ordinal)))}");
        foreach (var bound in new[] { "0.01", "0.05", "0.1", "0.5", "1", "2", "5", "+Inf" })
        {
            Assert.Contains($"le=\"{bound}\"", second, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Page_is_clean_by_the_text_format()
    {
        await app.OpenIncidentAsync();
        var lines = (await app.Http.GetStringAsync("/metrics")).Split('\n');

        Assert.Equal("", lines[^1]);
        var helps = lines.Where(line => line.StartsWith("# HELP ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();
        Assert.Equal(helps.Distinct(StringComparer.Ordinal), helps);
        Assert.All(lines[..^1].Where(line => line[0] != '#'), line => Assert.Matches(Sample(), line));
    }

    [Fact]
    public async Task Promtool_finds_nothing_to_say()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not on this machine; the other tests hold the format.");
        await app.OpenIncidentAsync();
        var page = await app.Http.GetStringAsync("/metrics");
        using var promtool = Process.Start(new ProcessStartInfo("/usr/bin/promtool", ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(page);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();

        Assert.Equal("", await said);
        Assert.Equal(0, promtool.ExitCode);
    }

    private static double Value(string page, string series) =>
        page.Split('\n').Where(line => line.StartsWith(series, StringComparison.Ordinal)).Select(line => double.Parse(line[(series.Length + 1)..])).SingleOrDefault();

    [GeneratedRegex("""^[a-z_][a-z0-9_]*(\{([a-z_][a-z0-9_]*="([^"\\\n]|\\[\\"n])*",?)+\})? (NaN|[+-]Inf|-?[0-9.]+(E[+-]?[0-9]+)?)$""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Sample();
}
