namespace Orleans.Embedded.Streams;

/// <summary>Which processes publish on a stream, by the number that each sent last. When there are too many, the one that was silent the longest is forgotten: what it sends again could then be taken twice.</summary>
internal sealed class StreamProducers(int max)
{
    private readonly Dictionary<Guid, (long Number, long Heard)> _known = [];
    private long _heard;

    /// <summary>False if the number was there already.</summary>
    public bool TryTake(Guid producer, long number)
    {
        var isKnown = _known.TryGetValue(producer, out var last);
        if (isKnown && number <= last.Number) return false;
        if (!isKnown && _known.Count >= max) _known.Remove(_known.MinBy(static pair => pair.Value.Heard).Key);
        _known[producer] = (number, ++_heard);
        return true;
    }
}
