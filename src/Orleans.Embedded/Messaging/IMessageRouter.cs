using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Brings a request to where its grain lives. Everything that will know of several silos is behind this: it asks the placement which silo owns the
/// grain and hands the request to that silo's catalog here, or writes it to that silo's connection.
/// </summary>
internal interface IMessageRouter
{
    /// <summary>Brings the request to its target, or answers it with an exception. Never throws.</summary>
    void Route(GrainRequest request);
}
