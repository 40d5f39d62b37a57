using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>What this process knows of the cluster: published by one writer, read by all.</summary>
internal sealed class ClusterKnowledge(SiloAddress? self)
{
    private Ownership _ownership = new(MembershipTable.Empty, self);
    private ClusterView _view = ClusterView.Empty;
    private TaskCompletionSource _changed = NewSource();
    private TaskCompletionSource _viewChanged = NewSource();

    public ClusterView View => Volatile.Read(ref _view);

    public Ownership Ownership => Volatile.Read(ref _ownership);

    /// <summary>Completes with the next change of anything, or when a lease that had run out holds again.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Makes a table known. Never called by two threads at once.</summary>
    public void Publish(MembershipTable table, Ownership ownership)
    {
        var isNewView = table.Version > View.Version;

        // A full fence: who looks through the activations after this finds every one that was let in by an earlier ownership.
        Interlocked.Exchange(ref _ownership, ownership);
        Interlocked.Exchange(ref _view, table.ToView());
        if (isNewView) Interlocked.Exchange(ref _viewChanged, NewSource()).TrySetResult();
        Touch();
    }

    /// <summary>Has everybody look again.</summary>
    public void Touch() => Interlocked.Exchange(ref _changed, NewSource()).TrySetResult();

    public async Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _viewChanged).Task;
            if (View is var view && view.Version > version) return view;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
