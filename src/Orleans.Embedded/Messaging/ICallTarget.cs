using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Messaging;

/// <summary>Where requests for one grain or observer go. A reference keeps the one it found.</summary>
internal interface ICallTarget
{
    /// <summary>Takes a request, or answers it with a refusal. False if this target has ended, so that another must be looked for.</summary>
    bool TryAccept(GrainRequest request);
}
