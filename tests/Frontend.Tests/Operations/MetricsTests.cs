using System.Diagnostics;
using System.Net;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Operations;

public sealed class MetricsTests : IAsyncLifetime
{
    private const string Promtool = "/usr/bin/promtool";
    private WarroomProcess? _warroom;

    private HttpClient Http => _warroom!.Http;

    public async ValueTask InitializeAsync() => _warroom = await WarroomProcess.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_warroom is not null)
        {
            await _warroom.DisposeAsync();
        }
    }

    [Fact]
    public async Task Page_AfterSomeWork_HasThePromisedNamesInStrictFormat()
    {
        var id = await Http.OpenIncidentAsync();
        await Http.GetAnswerAsync($"api/incidents/{id}");
        await Http.GetAnswerAsync("api/incidents/7");
        await using var hub = await HubClient.ConnectAsync(_warroom!.Address, "/hubs/warroom");
        await hub.InvokeAsync("Watch", id, 0);

        var answer = await Http.GetAnswerAsync("metrics");

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (answer.Status, answer.MediaType));
        var page = new PrometheusPageReader(answer.Text);
        foreach (var (name, type) in ((string, string)[])
        [
            ("http_requests_total", "counter"), ("http_request_duration_seconds", "histogram"), ("http_requests_active", "gauge"), ("process_cpu_user_seconds_total", "counter"),
            ("process_cpu_seconds_total", "counter"), ("process_resident_memory_bytes", "gauge"), ("process_start_time_seconds", "gauge"), ("process_open_fds", "gauge"),
            ("database_query_duration_seconds", "histogram"), ("warroom_realtime_connections", "gauge"), ("warroom_live_feeds", "gauge"), ("dotnet_gc_pause_time_seconds_total", "counter"),
            ("dotnet_thread_pool_queue_length", "gauge"), ("dotnet_thread_pool_threads", "gauge"), ("dotnet_gc_last_collection_memory_committed_size_bytes", "gauge"),
        ])
        {
            Assert.True(page.Types.TryGetValue(name, out var found) && found == type, $"{name} should be a {type}; there are: {string.Join(' ', page.Types.Keys.Order())}");
        }

        // The route, never the path that was asked for: ids would be a series each.
        Assert.Equal(1, page.Samples["""http_requests_total{method="GET",path="/api/incidents/{id}",status="200"}"""]);
        Assert.Equal(1, page.Samples["""http_requests_total{method="POST",path="/api/incidents",status="201"}"""]);
        Assert.DoesNotContain(id.ToString(), answer.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["0.01", "0.05", "0.1", "0.5", "1", "2", "5", "+Inf"],
            page.Samples.Keys.Where(sample => sample.StartsWith("http_request_duration_seconds_bucket{", StringComparison.Ordinal))
                .Select(sample => sample[(sample.LastIndexOf("le=\"", StringComparison.Ordinal) + 4)..^2]).Distinct());
        Assert.Equal(1, page.Samples["""warroom_realtime_connections{hub="warroom"}"""]);

        await Http.GetAnswerAsync($"api/incidents/{id}");
        var later = new PrometheusPageReader((await Http.GetAnswerAsync("metrics")).Text);
        Assert.Equal(2, later.Samples["""http_requests_total{method="GET",path="/api/incidents/{id}",status="200"}"""]);
        Assert.All(page.Samples.Where(sample => page.Types.GetValueOrDefault(sample.Key.Split('{')[0]) == "counter"), sample => Assert.True(later.Samples[sample.Key] >= sample.Value, $"{sample.Key} fell."));
    }

    [Fact]
    public async Task Page_AlertsLeftOutOrUnreadable_AreCounted()
    {
        (await Http.PostAnswerAsync("api/webhooks/alertmanager", """{"truncatedAlerts":3,"alerts":[{},{"labels":{"alertname":"x"}}]}""")).Is(HttpStatusCode.OK);
        var page = new PrometheusPageReader((await Http.GetAnswerAsync("metrics")).Text);
        Assert.Equal(3, page.Samples["warroom_alerts_truncated_total"]);
        Assert.Equal(1, page.Samples["warroom_alerts_unreadable_total"]);
    }

    [Fact]
    public async Task Page_ReadByPrometheusItself_HasNothingToMend()
    {
        Assert.SkipUnless(File.Exists(Promtool), "promtool is not on this machine; the strict reader judges alone.");
        await Http.OpenIncidentAsync();
        var page = (await Http.GetAnswerAsync("metrics")).Text;
        using var promtool = Process.Start(new ProcessStartInfo(Promtool, ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true })!;
        var said = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(page);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();

        Assert.Equal("", await said);
        Assert.Equal(0, promtool.ExitCode);
    }
}
