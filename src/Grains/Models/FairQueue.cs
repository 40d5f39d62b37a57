namespace Warroom.Models;

/// <summary>
/// A queue that is fair between askers: each round takes one item of each asker that has some, in the order in which they came, so that somebody who asks for much waits behind himself and
/// nobody else. Each asker's own items stay in order.
/// </summary>
/// <typeparam name="T">An item; equal ones must not be in it twice.</typeparam>
public sealed class FairQueue<T>
    where T : notnull
{
    private readonly LinkedList<Lane> _lanes = [];
    private readonly Dictionary<T, string> _askers = [];

    /// <summary>How many wait.</summary>
    public int Count => _askers.Count;

    /// <summary>Adds an item behind the asker's others.</summary>
    public void Enqueue(string asker, T item)
    {
        _askers.Add(item, asker);
        var lane = FindLane(asker) ?? _lanes.AddLast(new Lane(asker));
        lane.Value.Items.AddLast(item);
    }

    /// <summary>Takes the next item; its asker's turn comes again after everybody else's.</summary>
    public bool TryDequeue([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        if (_lanes.First is not { } lane)
        {
            item = default;
            return false;
        }

        item = lane.Value.Items.First!.Value;
        lane.Value.Items.RemoveFirst();
        _askers.Remove(item);
        _lanes.Remove(lane);
        if (lane.Value.Items.Count > 0)
            _lanes.AddLast(lane);
        return true;
    }

    /// <summary>Whether an item waits.</summary>
    public bool Contains(T item) => _askers.ContainsKey(item);

    /// <summary>Takes an item out, wherever it stands.</summary>
    public bool Remove(T item)
    {
        if (!_askers.Remove(item, out var asker))
            return false;
        var lane = FindLane(asker)!;
        lane.Value.Items.Remove(item);
        if (lane.Value.Items.Count == 0)
            _lanes.Remove(lane);
        return true;
    }

    /// <summary>How many will be taken before an item that waits, if nobody comes or goes.</summary>
    public int AheadOf(T item)
    {
        var round = 0;
        var mine = FindLane(_askers[item])!.Value;
        foreach (var other in mine.Items)
        {
            if (EqualityComparer<T>.Default.Equals(other, item))
                break;
            round++;
        }

        var ahead = round;
        var before = true;
        foreach (var lane in _lanes)
        {
            if (lane == mine)
                before = false;
            else
                ahead += Math.Min(lane.Items.Count, before ? round + 1 : round);
        }

        return ahead;
    }

    /// <summary>All items, in no order that means anything.</summary>
    public IReadOnlyCollection<T> Items => [.. _askers.Keys];

    private LinkedListNode<Lane>? FindLane(string asker)
    {
        for (var lane = _lanes.First; lane is not null; lane = lane.Next)
        {
            if (string.Equals(lane.Value.Asker, asker, StringComparison.Ordinal))
                return lane;
        }

        return null;
    }

    private sealed class Lane(string asker)
    {
        public string Asker => asker;

        public LinkedList<T> Items { get; } = [];
    }
}
