namespace Warroom.Persistence;

/// <summary>An append that waits.</summary>
internal sealed class LogWrite<TState>(RowKey key, LogAppend<TState> append)
    : PendingWrite(key, Size(append))
    where TState : class
{
    // A row with its columns and its state, about.
    private const long RowBytes = 1_024;

    public LogAppend<TState> Append { get; } = append;

    /// <summary>The version after.</summary>
    public long Version { get; } = append.ExpectedVersion + append.Events.Count;

    private static long Size(LogAppend<TState> append)
    {
        var bytes = RowBytes;
        foreach (var happened in append.Events)
            bytes += 128 + happened.Body.Length;
        return bytes;
    }
}
