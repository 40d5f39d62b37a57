using Orleans.Storage;
using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>What the database holds: one log, with the conditions under which it is written.</summary>
internal sealed class SimulatedTable(LogMutation mutation)
{
    private readonly Dictionary<Guid, long> _operations = [];

    public LogSnapshot<Tally> Row { get; private set; } = new(null, 0, 0, EventHash.Genesis);

    public List<(LoggedEvent Event, long Epoch)> Events { get; } = [];

    public long? Find(Guid operationId) => _operations.TryGetValue(operationId, out var seq) ? seq : null;

    /// <summary>Writes it, or says why not.</summary>
    public Exception? Apply(LogAppend<Tally> append)
    {
        if (append.OperationId is { } id && mutation != LogMutation.NoOperationIds && _operations.TryGetValue(id, out var seq)) return new OperationRepeatedException(id, seq);
        var isOther = Row.Epoch != append.ExpectedEpoch || Row.Hash != append.ExpectedHash;
        if (Row.Version != append.ExpectedVersion || (isOther && mutation != LogMutation.NoFencing))
            return new InconsistentStateException("Somebody else has written.", $"{Row.Version}@{Row.Epoch}", $"{append.ExpectedVersion}@{append.ExpectedEpoch}");
        foreach (var logged in append.Events) Events.Add((logged, append.Epoch));
        Row = new(append.State, append.ExpectedVersion + append.Events.Count, append.Epoch, append.Hash);
        if (append.OperationId is { } operationId) _operations[operationId] = Row.Version;
        return null;
    }
}
