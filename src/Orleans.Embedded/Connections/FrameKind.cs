namespace Orleans.Embedded.Connections;

/// <summary>
/// What a frame is. A frame is its length (4 bytes, little endian, of what follows), its kind (1 byte) and its content. The numbers are the protocol:
/// they never change their meaning. A kind that a process does not know ends the connection.
/// </summary>
internal enum FrameKind : byte
{
    /// <summary>Dialler: who I am, whom I want, a number used once.</summary>
    Hello = 1,

    /// <summary>Listener: who I am, a number used once.</summary>
    Challenge = 2,

    /// <summary>Dialler: proof that I know the secret.</summary>
    Proof = 3,

    /// <summary>Listener: proof that I know it too; calls may begin.</summary>
    Welcome = 4,

    /// <summary>Listener: no, and why.</summary>
    Refusal = 5,

    /// <summary>Are you there?</summary>
    Ping = 16,

    /// <summary>I am.</summary>
    Pong = 17,

    /// <summary>No new calls to me from here on, please.</summary>
    Leaving = 18,

    /// <summary>You get no new calls after this frame.</summary>
    LeavingNoted = 19,

    /// <summary>A call.</summary>
    Call = 32,

    /// <summary>The end of a call: its result, its exception, or that it was not begun.</summary>
    Answer = 33,

    /// <summary>The caller wants no answer any more; or no more items.</summary>
    Cancel = 34,

    /// <summary>Items of a sequence.</summary>
    Items = 35,

    /// <summary>So many more items may be sent.</summary>
    Credit = 36,

    /// <summary>The end of a sequence.</summary>
    ItemsEnd = 37,
}
