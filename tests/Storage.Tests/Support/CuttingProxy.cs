using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Warroom.Storage.Tests;

/// <summary>Where a connection is cut.</summary>
internal enum Cut
{
    /// <summary>What was sent never reaches the server.</summary>
    BeforeTheServer,

    /// <summary>The server gets it and answers (it has committed); the answer never arrives.</summary>
    TheAnswer,

    /// <summary>The server gets it; the connection is gone while the server is still at work.</summary>
    WhileTheServerWorks,
}

/// <summary>Stands between a pool and PostgreSQL. A connection that carries the marked text is cut, once; all others pass.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _marker;
    private Cut _cut;
    private int _cuts;

    public CuttingProxy(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        (_host, _port) = (server.Host!, server.Port);
        _listener.Start();
        server.Host = "127.0.0.1";
        server.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        server.SslMode = SslMode.Disable;
        ConnectionString = server.ConnectionString;
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>How many connections were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>After a cut nobody is let in any more.</summary>
    public bool RefuseAfterCut { get; init; }

    /// <summary>The next connection that sends this text is cut.</summary>
    public void CutAt(string marker, Cut cut)
    {
        _cut = cut;
        Volatile.Write(ref _marker, Encoding.UTF8.GetBytes(marker));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(_host, _port, both.Token);
                client.NoDelay = server.NoDelay = true;
                var (toClient, toServer) = (client.GetStream(), server.GetStream());
                var swallow = new TaskCompletionSource();
                var down = PumpDownAsync(toServer, toClient, swallow, both.Token);
                await PumpUpAsync(toClient, toServer, swallow, both.Token);
                await both.CancelAsync();
                await down;
            }
            catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two sides has gone.
            }
        }
    }

    private async Task PumpUpAsync(NetworkStream client, NetworkStream server, TaskCompletionSource swallow, CancellationToken cancellationToken)
    {
        var buffer = new byte[65_536];
        int read;
        while ((read = await client.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var marker = Volatile.Read(ref _marker);
            if (marker is null || buffer.AsSpan(0, read).IndexOf(marker) < 0 || Interlocked.CompareExchange(ref _marker, null, marker) != marker)
            {
                await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                continue;
            }

            if (RefuseAfterCut)
                _listener.Stop();
            if (_cut == Cut.TheAnswer)
            {
                swallow.SetResult();
                await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                // The first byte of the answer comes after the commit: the server flushes at ReadyForQuery.
                await _answered.Task.WaitAsync(cancellationToken);
            }
            else if (_cut == Cut.WhileTheServerWorks)
            {
                await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            Interlocked.Increment(ref _cuts);
            return;
        }
    }

    private async Task PumpDownAsync(NetworkStream server, NetworkStream client, TaskCompletionSource swallow, CancellationToken cancellationToken)
    {
        var buffer = new byte[65_536];
        try
        {
            int read;
            while ((read = await server.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (swallow.Task.IsCompleted)
                {
                    _answered.TrySetResult();
                    continue;
                }

                await client.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two sides has gone.
        }
    }
}
