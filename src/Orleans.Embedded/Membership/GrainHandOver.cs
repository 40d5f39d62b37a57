using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>
/// Gives up the activations that a new view takes away: each is deactivated, and calls that wait in it go to the new owner. When all are gone, the others
/// are told, and the new owners activate. One that takes its time is named, so that it holds up only itself.
/// </summary>
internal sealed partial class GrainHandOver(SiloRuntime runtime, MembershipService membership, MembershipMetrics metrics, ILogger<GrainHandOver> logger)
{
    /// <summary>So many are ended at once.</summary>
    private const int AtOnceMax = 2048;

    /// <summary>So many are named at most.</summary>
    private const int HeldMax = 4096;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private volatile DeactivationReasonCode _reason = DeactivationReasonCode.Migrating;

    /// <summary>Gives up what is to be given up until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var changed = membership.Knowledge.Changed;
            try
            {
                if (membership.HandOverIsDue) await HandOverAsync(cancellationToken);
                await changed.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>From now on grains are told that their silo stops.</summary>
    public void OnStopping() => _reason = DeactivationReasonCode.ShuttingDown;

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        var startedMs = EngineClock.RealMs;
        var version = 0L;
        var versionMs = startedMs;
        var ended = 0;
        while (membership.HandOverIsDue)
        {
            var ownership = membership.Knowledge.Ownership;
            if (ownership.Version != version)
            {
                version = ownership.Version;
                versionMs = EngineClock.RealMs;
            }

            var others = Others(ownership).ToList();
            if (others.Count == 0)
            {
                await membership.HandedOverAsync(version, [], cancellationToken);
                continue;
            }

            var reason = new DeactivationReason(_reason, $"The grain goes on in silo {ownership.Locate(Hash(others[0]))}.");
            foreach (var activation in others.Take(AtOnceMax)) activation.Deactivate(reason, CancellationToken.None);
            if (others.Count <= HeldMax && EngineClock.RealMs - versionMs >= Patience.TotalMilliseconds)
                await membership.HandedOverAsync(version, [.. others.Select(activation => (long)Hash(activation)).Distinct()], cancellationToken);
            var gone = Task.WhenAll(others.Take(AtOnceMax).Select(activation => activation.Deactivated));
            ended = Math.Max(ended, others.Count);

            // Asked for after the report, which is a change itself.
            var changed = membership.Knowledge.Changed;
            await Task.WhenAny(gone, changed, Task.Delay(Round, TimeProvider.System, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        metrics.HandOvers.Record((EngineClock.RealMs - startedMs) / 1000.0);
        if (ended > 0) LogHandedOver(version, ended, EngineClock.RealMs - startedMs);
    }

    /// <summary>The activations here of grains that are others'.</summary>
    private IEnumerable<ActivationContext> Others(Ownership ownership) => runtime.Catalog.Activations()
        .Where(activation => !activation.IsWorker && !ClusterPlacement.IsSystemTarget(activation.GrainId) && !ownership.Owns(Hash(activation)));

    private static ulong Hash(ActivationContext activation) => KeyHash.Of(activation.GrainId.Key.Text);

    [LoggerMessage(1311, LogLevel.Information, "For view {Version} about {Count} grains were handed over in {Milliseconds} ms.")]
    private partial void LogHandedOver(long version, int count, long milliseconds);
}
