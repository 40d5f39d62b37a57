using System.ComponentModel;
using Orleans.Embedded.References;
using Orleans.Embedded.Sequences;
using Orleans.Runtime;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>What a generated reference is made of.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GrainReferenceSeed
{
    internal GrainReferenceSeed(ReferenceShared shared, IdSpan key)
    {
        Shared = shared;
        Key = key;
    }

    internal ReferenceShared Shared { get; }

    internal IdSpan Key { get; }
}

/// <summary>The base of generated references.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GrainProxy : GrainReference
{
    /// <summary>Made by the reference factory.</summary>
    protected GrainProxy(GrainReferenceSeed seed)
        : base(seed.Shared, seed.Key)
    {
    }

    /// <summary>Sends a call.</summary>
    protected Task<TResult> Send<TResult>(GrainRequest<TResult> request) => Shared.Sender.Send(this, request);

    /// <summary>Sends a call that can be cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token is cancelled already.</exception>
    protected Task<TResult> Send<TResult>(GrainRequest<TResult> request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        request.PrepareCancellation(cancellationToken);
        return Shared.Sender.Send(this, request);
    }

    /// <summary>Makes the sequence of a call; the call is sent when it is enumerated.</summary>
    protected IAsyncEnumerable<TItem> Enumerate<TItem>(SequenceRequest<TItem> request, CancellationToken cancellationToken) =>
        new GrainSequence<TItem>(this, request, cancellationToken);
}
