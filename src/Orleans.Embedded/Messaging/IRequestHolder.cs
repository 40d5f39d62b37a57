using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Messaging;

/// <summary>Who has a call between its sending and its answer.</summary>
internal interface IRequestHolder
{
    /// <summary>Nobody waits for the call any more: cancels its token where it runs. One that waits is dropped when its turn comes.</summary>
    void CancelRunning(GrainRequest request);

    /// <summary>The call's task has completed; from its turn or from another thread.</summary>
    void Finished(GrainRequest request);
}
