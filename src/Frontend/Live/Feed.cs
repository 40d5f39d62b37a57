using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Warroom.Frontend.Live;

/// <summary>Something that is followed live and the connections that watch it. Joining costs no grain call and no subscription of its own.</summary>
internal abstract class Feed(string topic, LiveMetrics metrics, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Outbox[] _audience = [];
    private long _emptySince = time.GetTimestamp();
    private bool _isClosed;

    /// <summary>The id that its viewers know it by.</summary>
    public string Topic => topic;

    /// <summary>Whether anybody watches.</summary>
    public bool HasAudience => Volatile.Read(ref _audience).Length > 0;

    protected LiveMetrics Metrics => metrics;

    protected TimeProvider Time => time;

    /// <summary>Adds a connection; again is no harm. False if the feed has been closed: take a new one.</summary>
    public bool TryJoin(Outbox outbox)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            if (Array.IndexOf(_audience, outbox) < 0 && outbox.TryAdd(this))
            {
                Volatile.Write(ref _audience, [.. _audience, outbox]);
            }

            return true;
        }
    }

    public void Leave(Outbox outbox)
    {
        lock (_gate)
        {
            var index = Array.IndexOf(_audience, outbox);
            if (index < 0)
            {
                return;
            }

            Volatile.Write(ref _audience, [.. _audience.AsSpan(0, index), .. _audience.AsSpan(index + 1)]);
            if (_audience.Length == 0)
            {
                _emptySince = time.GetTimestamp();
            }
        }

        outbox.Remove(this);
    }

    /// <summary>Closes it if nobody has watched for so long.</summary>
    public bool TryClose(TimeSpan linger)
    {
        lock (_gate)
        {
            if (_isClosed || _audience.Length > 0 || time.GetElapsedTime(_emptySince) < linger)
            {
                return false;
            }

            return _isClosed = true;
        }
    }

    /// <summary>Closes it whoever watches.</summary>
    public void Close()
    {
        Outbox[] audience;
        lock (_gate)
        {
            _isClosed = true;
            audience = _audience;
            _audience = [];
        }

        foreach (var outbox in audience)
        {
            outbox.Remove(this);
        }
    }

    /// <summary>Ends what the feed holds, such as its subscription.</summary>
    public virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Hands a message to everybody who watches: serialised once for each protocol, waiting for nobody.</summary>
    protected void Broadcast(string method, object message)
    {
        var audience = Volatile.Read(ref _audience);
        if (audience.Length == 0)
        {
            return;
        }

        var serialized = new SerializedHubMessage(new InvocationMessage(method, [message]));
        foreach (var outbox in audience)
        {
            outbox.Send(serialized, topic);
        }

        metrics.Delivered(audience.Length);
    }

    /// <summary>Tells everybody who watches to call <c>Watch</c> again.</summary>
    protected void BroadcastBehind()
    {
        foreach (var outbox in Volatile.Read(ref _audience))
        {
            outbox.SendBehind(topic);
        }
    }
}
