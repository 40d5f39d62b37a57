using System.Diagnostics.Metrics;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Metrics;

/// <summary>The membership's figures, in the engine's meter.</summary>
internal sealed class MembershipMetrics
{
    private MembershipService? _membership;
    private SiloLease? _lease;

    public MembershipMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EngineMetrics.MeterName);
        meter.CreateObservableGauge("orleans-membership-view", () => _membership?.View.Version ?? 0, "{version}", "The view that this silo knows.");
        meter.CreateObservableGauge(
            "orleans-membership-active", () => _membership?.View.Members.Count(member => member.Status == SiloStatus.Active) ?? 0, "{silo}", "Active silos in that view.");
        meter.CreateObservableGauge("orleans-membership-lease-left", () => _lease?.Left?.TotalSeconds ?? 0, "s", "How long this silo may serve without renewing its lease.");
        Failures = meter.CreateCounter<long>("orleans-membership-failures", "{failure}", "Heartbeats that failed.");
        Lapses = meter.CreateCounter<long>("orleans-membership-lapses", "{lapse}", "How often this silo's lease ran out.");
        HandOvers = meter.CreateHistogram<double>("orleans-membership-hand-over", "s", "How long it took to give up what a new view took away.");
    }

    public Counter<long> Failures { get; }

    public Counter<long> Lapses { get; }

    public Histogram<double> HandOvers { get; }

    public void Observe(MembershipService membership, SiloLease lease)
    {
        _membership = membership;
        _lease = lease;
    }

    public void Forget() => _membership = null;
}
