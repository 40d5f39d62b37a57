namespace Warroom.Persistence;

/// <summary>The operations that an activation has seen committed, newest <see cref="Capacity"/> of them: a resend of one costs no write. Older ones are found by the storage.</summary>
internal sealed class OperationMemory
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 1_000;

    private readonly Dictionary<Guid, long> _seqs = [];
    private readonly Queue<Guid> _oldestFirst = new();

    /// <summary>Remembers the number that the operation was answered with.</summary>
    public void Remember(Guid operationId, long seq)
    {
        if (!Guards.OperationIds || !_seqs.TryAdd(operationId, seq))
            return;
        _oldestFirst.Enqueue(operationId);
        if (_oldestFirst.Count > Capacity)
            _seqs.Remove(_oldestFirst.Dequeue());
    }

    /// <summary>Whether the operation is remembered, and its number.</summary>
    public bool TryFind(Guid operationId, out long seq) => _seqs.TryGetValue(operationId, out seq);
}
