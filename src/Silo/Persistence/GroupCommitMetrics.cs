using System.Diagnostics.Metrics;

namespace Warroom.Persistence;

/// <summary>The figures of <see cref="GroupCommit"/>, under <c>warroom.db.</c>; connections and statements have Npgsql's own.</summary>
internal sealed class GroupCommitMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Warroom.Persistence";

    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _commitDuration;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _resolved;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _refused;

    public GroupCommitMetrics(IMeterFactory factory, Func<int> queueLength)
    {
        // The factory owns the meter.
        var meter = factory.Create(MeterName);
        _batchSize = meter.CreateHistogram("warroom.db.batch.size", "{write}", "Writes that were committed together.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });
        _commitDuration = meter.CreateHistogram("warroom.db.commit.duration", "s", "From sending a batch to its commit.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10] });
        _retries = meter.CreateCounter<long>("warroom.db.retries", "{retry}", "Batches that were tried again after a failure that passes.");
        _lost = meter.CreateCounter<long>("warroom.db.writes.lost", "{write}", "Writes that were refused because their row was not as expected.");
        _resolved = meter.CreateCounter<long>("warroom.db.outcomes.resolved", "{write}", "Writes whose answer was lost and that were found to be there.");
        _unknown = meter.CreateCounter<long>("warroom.db.outcomes.unknown", "{write}", "Writes whose outcome could not be found out in time.");
        _refused = meter.CreateCounter<long>("warroom.db.writes.refused", "{write}", "Writes that were refused because too many wait.");
        meter.CreateObservableGauge("warroom.db.queue.length", queueLength, "{write}", "Writes that wait or are being committed.");
    }

    public void Committed(int writes, double seconds)
    {
        _batchSize.Record(writes);
        _commitDuration.Record(seconds);
    }

    public void TriedAgain() => _retries.Add(1);

    public void Lost(int writes) => _lost.Add(writes);

    public void Resolved(int writes) => _resolved.Add(writes);

    public void Unknown(int writes) => _unknown.Add(writes);

    public void Refused() => _refused.Add(1);
}
