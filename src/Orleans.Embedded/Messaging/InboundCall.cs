using System.Diagnostics;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Connections;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>How a call came here from another process: where its answer goes, and what the caller said about itself.</summary>
/// <param name="connection">The connection that it came by and the answer goes by.</param>
/// <param name="id">The caller's number of the call.</param>
/// <param name="source">Who calls.</param>
/// <param name="trace">The caller's activity; none if there is none.</param>
/// <param name="detours">How many silos have handed it on.</param>
/// <param name="view">The version of the caller's view of the cluster when it sent the call.</param>
internal sealed class InboundCall(PeerConnection connection, long id, GrainId source, ActivityContext trace, byte detours, long view)
{
    public PeerConnection Connection => connection;

    public long Id => id;

    public GrainId Source => source;

    public ActivityContext Trace => trace;

    public byte Detours => detours;

    public long View => view;

    /// <summary>Sends the result or failure that is in the request; the right to answer has been taken.</summary>
    public void Answer(GrainRequest request) => connection.SendAnswer(this, request);

    /// <summary>Says that the call was not begun; the right to answer has been taken.</summary>
    public void RefuseToBegin(GrainRequest request, Exception reason) => connection.SendRefusal(this, request, reason);
}
