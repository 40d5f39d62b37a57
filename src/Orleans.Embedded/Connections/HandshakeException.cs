namespace Orleans.Embedded.Connections;

/// <summary>Why a connection was refused. The numbers travel in <see cref="FrameKind.Refusal"/>; the names are the values of the counter's tag <c>reason</c>.</summary>
internal enum RefusalReason : byte
{
    None = 0,

    /// <summary>What came is no frame of a handshake.</summary>
    Garbage = 1,

    /// <summary>A frame is longer than it may be.</summary>
    Oversized = 2,

    /// <summary>The other side does not know the secret.</summary>
    WrongSecret = 3,

    /// <summary>The other side belongs to another cluster or service.</summary>
    OtherCluster = 4,

    /// <summary>The other side speaks versions of the protocol that are not understood here.</summary>
    OtherVersion = 5,

    /// <summary>A client on the port for silos, or the other way round.</summary>
    WrongPort = 6,

    /// <summary>Not the silo that was looked for: another life of it, or another one in its place.</summary>
    OtherSilo = 7,

    /// <summary>The other side said nothing in time, or went away.</summary>
    Silent = 8,

    /// <summary>Too many have not shown yet who they are.</summary>
    Crowded = 9,

    /// <summary>Encryption could not be agreed on.</summary>
    Tls = 10,
}

/// <summary>A handshake that failed. The message may hold what an unknown process sent: it is cut, and has no control characters, so that it is one line of a log.</summary>
internal sealed class HandshakeException(RefusalReason reason, string message, Exception? innerException = null) : Exception(Clean(message), innerException)
{
    private const int LengthMax = 400;

    public RefusalReason Reason { get; } = reason;

    /// <summary>Whether it was this side that refused; otherwise the other one did.</summary>
    public bool IsOurs { get; init; } = true;

    private static string Clean(string text)
    {
        var kept = text.Length > LengthMax ? string.Concat(text.AsSpan(0, LengthMax), "…") : text;
        return string.Create(kept.Length, kept, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++) target[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? '�' : source[i];
        });
    }
}
