using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Warroom.Frontend.Live;

/// <summary>
/// What waits for one connection. <see cref="Send"/> never waits: while the connection takes what it is given, a message goes straight into its pipe (what is in the pipe together leaves in one frame);
/// while it does not, messages wait here, bounded in bytes. One more than fits: all that waits is dropped, the connection is told <c>Behind(topic)</c> for each topic that lost something as soon as it
/// reads again, and if it does not read for <see cref="LiveOptions.DrainTimeout"/> it is closed. It slows nobody but itself.
/// </summary>
internal sealed class Outbox(IOutboxConnection connection, LiveOptions options, LiveMetrics metrics, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Feed> _feeds = [];
    private Queue<Waiting>? _waiting;
    private HashSet<string>? _behind;
    private ITimer? _deadline;
    private long _waitingBytes;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>The bytes that wait here.</summary>
    public long WaitingBytes
    {
        get
        {
            lock (_gate)
            {
                return _waitingBytes;
            }
        }
    }

    /// <summary>Hands a message over, or drops it if the connection is behind or gone.</summary>
    /// <param name="message">Serialised once for all who get it.</param>
    /// <param name="topic">What it is about: the id to call <c>Watch</c> with if it is lost.</param>
    public void Send(SerializedHubMessage message, string topic)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_behind is { Count: > 0 })
            {
                _behind.Add(topic);
                metrics.Dropped(1);
            }
            else if (_isWriting)
            {
                Wait(message, topic);
            }
            else if (connection.WriteAsync(message) is { IsCompletedSuccessfully: false } write)
            {
                _isWriting = true;
                _ = DrainAsync(write);
            }
        }
    }

    /// <summary>Says that a topic lost something: its viewer has to call <c>Watch</c> again.</summary>
    public void SendBehind(string topic) => Send(BehindMessage(topic), topic);

    /// <summary>Notes that this connection watches a feed. False if it is gone or watches too much already.</summary>
    public bool TryAdd(Feed feed)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            if (_feeds.Count >= options.WatchesMax && !_feeds.Contains(feed))
            {
                throw new DomainException(RefusalKind.TooMany, "live.too_many_watches", $"One connection watches at most {options.WatchesMax} things. Unwatch some.");
            }

            _feeds.Add(feed);
            return true;
        }
    }

    public void Remove(Feed feed)
    {
        lock (_gate)
        {
            _feeds.Remove(feed);
        }
    }

    /// <summary>The connection is gone: leaves every feed.</summary>
    public void Close()
    {
        Feed[] feeds;
        lock (_gate)
        {
            _isClosed = true;
            feeds = [.. _feeds];
            _feeds.Clear();
            Forget();
            _deadline?.Dispose();
        }

        foreach (var feed in feeds)
        {
            feed.Leave(this);
        }
    }

    private static SerializedHubMessage BehindMessage(string topic) => new(new InvocationMessage("Behind", [topic]));

    private void Wait(SerializedHubMessage message, string topic)
    {
        var bytes = connection.SizeOf(message);
        if (_waitingBytes + bytes <= options.OutboxBytesMax)
        {
            _waitingBytes += bytes;
            (_waiting ??= new()).Enqueue(new Waiting(message, topic));
            return;
        }

        var topics = _behind ??= new(StringComparer.Ordinal);
        topics.Add(topic);
        foreach (var waiting in _waiting ?? [])
        {
            topics.Add(waiting.Topic);
        }

        metrics.Dropped(1 + (_waiting?.Count ?? 0));
        metrics.Overflowed();
        Forget();
        _deadline?.Dispose();
        _deadline = time.CreateTimer(static state => ((Outbox)state!).Abort(), this, options.DrainTimeout, Timeout.InfiniteTimeSpan);
    }

    private void Forget()
    {
        _waiting = null;
        _waitingBytes = 0;
    }

    private void Abort()
    {
        metrics.Aborted();
        connection.Abort();
    }

    private async Task DrainAsync(ValueTask write)
    {
        try
        {
            while (true)
            {
                await write;
                lock (_gate)
                {
                    if (_isClosed || Next() is not { } message)
                    {
                        _isWriting = false;
                        return;
                    }

                    write = connection.WriteAsync(message);
                }
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The pipe is broken: the connection ends, and its disconnection closes this outbox.
            connection.Abort();
        }
    }

    private SerializedHubMessage? Next()
    {
        if (_waiting is { Count: > 0 })
        {
            var waiting = _waiting.Dequeue();
            _waitingBytes -= connection.SizeOf(waiting.Message);
            return waiting.Message;
        }

        if (_behind is not { Count: > 0 })
        {
            return null;
        }

        // It reads again. From the next message on it is fed as before.
        var topic = _behind.First();
        _behind.Remove(topic);
        if (_behind.Count == 0)
        {
            _deadline?.Dispose();
            _deadline = null;
        }

        return BehindMessage(topic);
    }

    private readonly record struct Waiting(SerializedHubMessage Message, string Topic);
}
