using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Warroom.Chaos;

/// <summary>Accepts clients and makes a <see cref="Link"/> for each.</summary>
internal sealed class ProxyListener(IConfiguration configuration, FaultSwitch faults, Chance chance, Counters counters, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<Link, Task> _links = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, configuration.GetValue("Listen", 0));
    private readonly IPEndPoint _target = IPEndPoint.Parse(configuration["Target"] ?? throw new InvalidOperationException("Say where to: --Target=127.0.0.1:5432"));
    private Task _accepting = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ICollection<Link> Links() => _links.Keys;

    public ProxyState State() => counters.Read(_links.Count, faults.Plan);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        _accepting = AcceptAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var link in _links.Keys)
            link.Reset();
        await Task.WhenAll(_links.Values);
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _end.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_end.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                continue;
            }

            if (faults.Plan.Refuse)
            {
                counters.Refused();
                Link.Reset(client);
                continue;
            }

            counters.Accepted();
            var link = new Link(client, _target, faults, chance, counters, time);
            var running = link.RunAsync(_end.Token);
            _links.TryAdd(link, running);
            _ = ForgetAsync(link, running);
        }
    }

    private async Task ForgetAsync(Link link, Task running)
    {
        try
        {
            await running;
        }
        finally
        {
            _links.TryRemove(link, out _);
        }
    }
}
