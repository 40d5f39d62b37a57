namespace Orleans.Embedded.Sequences;

/// <summary>A sequence that runs in an activation.</summary>
internal interface IGrainSequence
{
    /// <summary>The activation ends: the caller gets the exception, the grain's token is cancelled.</summary>
    void Abort(Exception exception);
}
