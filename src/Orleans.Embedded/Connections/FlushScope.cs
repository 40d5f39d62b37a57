namespace Orleans.Embedded.Connections;

/// <summary>While it is open on a thread, what is written to connections waits, and leaves at its end in as few sends as there are connections.</summary>
internal readonly struct FlushScope
{
    [ThreadStatic]
    private static List<PeerConnection>? t_written;

    private readonly List<PeerConnection>? _own;

    private FlushScope(List<PeerConnection>? own) => _own = own;

    public static FlushScope Begin()
    {
        if (t_written is not null) return default;
        t_written = t_list ??= new List<PeerConnection>(4);
        return new FlushScope(t_written);
    }

    [ThreadStatic]
    private static List<PeerConnection>? t_list;

    /// <summary>True if the connection is flushed when the scope of this thread ends.</summary>
    public static bool TryDefer(PeerConnection connection)
    {
        if (t_written is not { } written) return false;
        if (!written.Contains(connection)) written.Add(connection);
        return true;
    }

    public void End()
    {
        if (_own is null) return;
        t_written = null;
        foreach (var connection in _own) connection.Flush();
        _own.Clear();
    }
}
