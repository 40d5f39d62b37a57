using System.Collections.Immutable;

namespace Warroom.Frontend.Live;

/// <summary>The latest events of a log, consecutive and bounded. Not safe for use from several threads.</summary>
internal sealed class EventTail(int eventsMax, int lengthMax)
{
    private readonly Queue<LoggedEvent> _events = new();
    private long _length;

    /// <summary>The number of the last event that it has, or of the one before its beginning.</summary>
    public long Last { get; private set; }

    private long First => Last - _events.Count + 1;

    /// <summary>Begins anew, after an event.</summary>
    public void StartAfter(long seq)
    {
        _events.Clear();
        _length = 0;
        Last = seq;
    }

    /// <summary>Adds the next event.</summary>
    public void Add(LoggedEvent logged)
    {
        if (logged.Seq != Last + 1)
        {
            throw new InvalidOperationException($"Event {logged.Seq} does not follow event {Last}.");
        }

        Last = logged.Seq;
        _length += logged.Body.Length;
        _events.Enqueue(logged);
        while (_events.Count > eventsMax || (_length > lengthMax && _events.Count > 1))
        {
            _length -= _events.Dequeue().Body.Length;
        }
    }

    /// <summary>Whether it has every event after this one.</summary>
    public bool Covers(long afterSeq) => afterSeq >= First - 1;

    /// <summary>Events after one, at most so many.</summary>
    public ImmutableArray<LoggedEvent> After(long afterSeq, int limit) =>
        afterSeq >= Last ? [] : [.. _events.Skip((int)Math.Max(0, afterSeq - First + 1)).Take(limit)];

    /// <summary>The latest event for which the condition holds.</summary>
    public LoggedEvent? FindLast(Func<LoggedEvent, bool> condition) => _events.LastOrDefault(condition);
}
