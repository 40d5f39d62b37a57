namespace Orleans.Embedded.Sequences;

/// <summary>A sequence that runs in an activation.</summary>
internal interface IGrainSequence
{
    /// <summary>Whether the grain is as far ahead as it may be and nobody takes: then the sequence keeps no activation alive.</summary>
    bool IsStalled { get; }

    /// <summary>The activation ends: the caller gets the exception, the grain's token is cancelled.</summary>
    void Abort(Exception exception);
}
