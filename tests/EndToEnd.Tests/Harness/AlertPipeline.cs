namespace Warroom.EndToEnd.Harness;

/// <summary>
/// Debian's real Prometheus and Alertmanager, set up as an operator would: Prometheus scrapes Warroom's own metrics and evaluates a rule every
/// second; Alertmanager sends what fires to Warroom's webhook.
/// </summary>
public sealed class AlertPipeline : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private AlertPipeline(DirectoryInfo folder, ServerProcess alertmanager, ServerProcess prometheus)
    {
        _folder = folder;
        Alertmanager = alertmanager;
        Prometheus = prometheus;
    }

    public ServerProcess Alertmanager { get; }

    public ServerProcess Prometheus { get; }

    /// <summary>Starts both.</summary>
    /// <param name="warroom">Whose metrics are scraped, and who gets the alerts.</param>
    /// <param name="rule">One alerting rule, as YAML of a rule file (an item of <c>rules</c>, not indented).</param>
    public static async Task<AlertPipeline> StartAsync(Uri warroom, string rule)
    {
        var folder = Directory.CreateTempSubdirectory("warroom-alerts-");
        var alertmanager = await StartAlertmanagerAsync(folder, warroom);
        var prometheus = await StartPrometheusAsync(folder, warroom, alertmanager.Address, rule);
        return new AlertPipeline(folder, alertmanager, prometheus);
    }

    public async ValueTask DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await Alertmanager.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<ServerProcess> StartAlertmanagerAsync(DirectoryInfo folder, Uri warroom)
    {
        var configuration = Path.Combine(folder.FullName, "alertmanager.yml");
        await File.WriteAllTextAsync(configuration, $"""
            route:
              receiver: warroom
              group_by: [alertname, service]
              group_wait: 0s
              group_interval: 1s
              repeat_interval: 1h
            receivers:
              - name: warroom
                webhook_configs:
                  - url: {warroom}api/webhooks/alertmanager
                    send_resolved: true
            """);
        var port = Binaries.FreePort();
        return await ServerProcess.StartAsync(
            "alertmanager",
            port,
            "prometheus-alertmanager",
            [
                $"--config.file={configuration}",
                $"--storage.path={Path.Combine(folder.FullName, "alertmanager")}",
                $"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            NoEnvironment,
            "-/ready",
            folder.FullName);
    }

    private static async Task<ServerProcess> StartPrometheusAsync(DirectoryInfo folder, Uri warroom, Uri alertmanager, string rule)
    {
        var configuration = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: [rules.yml]
            alerting:
              alertmanagers:
                - static_configs: [{"{"} targets: ['{alertmanager.Authority}'] {"}"}]
            scrape_configs:
              - job_name: warroom
                static_configs: [{"{"} targets: ['{warroom.Authority}'] {"}"}]
            """);
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "rules.yml"),
            $"groups:\n  - name: warroom\n    rules:\n{string.Join('\n', rule.Split('\n').Select(line => "      " + line))}\n");
        var port = Binaries.FreePort();
        return await ServerProcess.StartAsync(
            "prometheus",
            port,
            "prometheus",
            [
                $"--config.file={configuration}",
                $"--storage.tsdb.path={Path.Combine(folder.FullName, "prometheus")}",
                $"--web.listen-address=127.0.0.1:{port}",
            ],
            NoEnvironment,
            "-/ready",
            folder.FullName);
    }

    private static readonly IReadOnlyDictionary<string, string?> NoEnvironment = new Dictionary<string, string?>(StringComparer.Ordinal);
}
