using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Warroom.Hosting;

namespace Warroom.Frontend.Live;

/// <summary>Tells the pages of a hub to connect again, which another front end then answers (SignalR's close message, with leave to reconnect). One that does not read is closed all the same.</summary>
internal sealed partial class HubFarewell<THub>(HubLifetimeManager<THub> connections, TimeProvider time, ILogger<HubFarewell<THub>> logger) : IFarewell
    where THub : Hub
{
    private static readonly TimeSpan TimeToRead = TimeSpan.FromSeconds(1);

    public async Task SayAsync(CancellationToken cancellationToken)
    {
        HubConnectionContext[] all = [.. ((LiveConnections<THub>)connections).All];
        LogFarewell(typeof(THub).Name, all.Length);
        await Task.WhenAll(all.Select(connection => SayAsync(connection, cancellationToken)));
    }

    private async Task SayAsync(HubConnectionContext connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WriteAsync(new CloseMessage(error: null, allowReconnect: true), cancellationToken).AsTask().WaitAsync(TimeToRead, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // It does not read; its end of the connection will tell it.
        }

        connection.Abort();
    }

    [LoggerMessage(4420, LogLevel.Information, "{Hub}: {Count} connections are told to connect elsewhere")]
    private partial void LogFarewell(string hub, int count);
}
