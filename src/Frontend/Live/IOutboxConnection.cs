using Microsoft.AspNetCore.SignalR;

namespace Warroom.Frontend.Live;

/// <summary>What an outbox needs of a connection: SignalR's own, or a test's that stops reading when told to.</summary>
internal interface IOutboxConnection
{
    /// <summary>Writes into the connection's pipe; completes at once while there is room. Never throws synchronously.</summary>
    ValueTask WriteAsync(SerializedHubMessage message);

    /// <summary>The bytes of a message in this connection's protocol.</summary>
    int SizeOf(SerializedHubMessage message);

    /// <summary>Closes the connection.</summary>
    void Abort();
}

/// <summary>A hub's connection.</summary>
internal sealed class HubOutboxConnection(HubConnectionContext connection) : IOutboxConnection
{
    public ValueTask WriteAsync(SerializedHubMessage message) => connection.WriteAsync(message);

    public int SizeOf(SerializedHubMessage message) => message.GetSerializedMessage(connection.Protocol).Length;

    public void Abort() => connection.Abort();
}
