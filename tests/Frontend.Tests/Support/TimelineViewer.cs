using System.Text.Json;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>Somebody who looks at one incident as the page does: applies only the next number, drops what it has, asks for what it lacks.</summary>
internal sealed class TimelineViewer : IAsyncDisposable
{
    private readonly HubClient _hub;
    private readonly Guid _incidentId;
    private readonly Lock _gate = new();
    private readonly List<(long Seq, string Hash, string Body)> _events = [];
    private Task _following = Task.CompletedTask;

    private TimelineViewer(HubClient hub, Guid incidentId) => (_hub, _incidentId) = (hub, incidentId);

    public HubClient Hub => _hub;

    /// <summary>How often it was told that it had been too slow.</summary>
    public int TimesBehind { get; private set; }

    /// <summary>Events that came by push and were neither the next one nor known: without a slow connection there is none.</summary>
    public int Gaps { get; private set; }

    public IReadOnlyList<(long Seq, string Hash, string Body)> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    private long Last
    {
        get
        {
            lock (_gate)
            {
                return _events.Count == 0 ? 0 : _events[^1].Seq;
            }
        }
    }

    public static async Task<TimelineViewer> WatchAsync(Uri server, Guid incidentId)
    {
        var viewer = new TimelineViewer(await HubClient.ConnectAsync(server, "/hubs/warroom"), incidentId);
        await viewer.CatchUpAsync();
        viewer._following = viewer.FollowAsync();
        return viewer;
    }

    public Task HasAsync(long seq) => Eventually.HoldsAsync($"a viewer to see event {seq}; it is at {Last}", () => Last >= seq);

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _following;
    }

    private async Task CatchUpAsync()
    {
        while (true)
        {
            var watched = await _hub.InvokeAsync("Watch", _incidentId, Last);
            Apply(watched.GetProperty("events"));
            if (!watched.GetProperty("more").GetBoolean())
            {
                return;
            }
        }
    }

    private async Task FollowAsync()
    {
        await foreach (var message in _hub.Messages.ReadAllAsync())
        {
            if (message.Target == "Behind" && message.Argument.GetString() == _incidentId.ToString())
            {
                TimesBehind++;
                try
                {
                    await CatchUpAsync();
                }
                catch (Exception exception) when (exception is IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException)
                {
                    // The connection ended before the answer; what came before it is still read.
                }
            }
            else if (message.Target == "Timeline")
            {
                Apply(message.Argument.GetProperty("events"));
            }
        }
    }

    private void Apply(JsonElement events)
    {
        lock (_gate)
        {
            foreach (var logged in events.EnumerateArray())
            {
                var seq = logged.GetProperty("seq").GetInt64();
                var last = _events.Count == 0 ? 0 : _events[^1].Seq;
                if (seq == last + 1)
                {
                    _events.Add((seq, logged.GetProperty("hash").GetString()!, logged.GetProperty("body").GetString()!));
                }
                else if (seq > last)
                {
                    Gaps++;
                }
            }
        }
    }
}
