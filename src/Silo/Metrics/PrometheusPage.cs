using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Warroom.Metrics;

/// <summary>The page <c>/metrics</c>: collects when it is asked for, one at a time.</summary>
internal sealed class PrometheusPage : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TextExporter _exporter = new();

    public PrometheusPage() => Reader = new BaseExportingMetricReader(_exporter);

    public MetricReader Reader { get; }

    public string Render()
    {
        lock (_gate)
        {
            _exporter.Text = new PrometheusText();
            // Not Reader.Collect: a reader that is pulled from collects only when its exporter asks.
            _exporter.Collect!(Timeout.Infinite);
            return _exporter.Text.ToString();
        }
    }

    public void Dispose() => Reader.Dispose();

    [ExportModes(ExportModes.Pull)]
    private sealed class TextExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        public PrometheusText Text { get; set; } = new();

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                Text.Write(metric);
            }

            return ExportResult.Success;
        }
    }
}
