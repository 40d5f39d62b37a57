namespace Warroom.Simulation;

/// <summary>What goes wrong with a request. "After k tokens" is <see cref="SimKnobs.FaultAfterTokens"/>.</summary>
internal enum SimFault
{
    /// <summary>Nothing: the answer of a healthy Ollama.</summary>
    None,

    /// <summary>503 <c>server busy</c>, as Ollama answers when its own queue is full.</summary>
    Unavailable,

    /// <summary>500 with an error object.</summary>
    Error,

    /// <summary>No byte comes, not even the head of the response, until the client goes.</summary>
    Hang,

    /// <summary>After k tokens nothing more comes until the client goes.</summary>
    Stall,

    /// <summary>The TCP connection is aborted after k tokens, or after <see cref="SimKnobs.FaultAfterBytes"/> bytes of the body.</summary>
    Cut,

    /// <summary>After k tokens a line is half a JSON object; then all goes on as if nothing had happened.</summary>
    Malformed,

    /// <summary>After k tokens the line <c>{"error":...}</c> inside the 200 response ends it.</summary>
    ErrorInStream,

    /// <summary>After k tokens (or all) the response ends properly, without a line that says done.</summary>
    MissingDone,

    /// <summary>After k tokens a token holds U+0000, properly escaped as JSON.</summary>
    Nul,

    /// <summary>After k tokens a bare zero byte stands in a line, which JSON does not allow.</summary>
    RawNul,

    /// <summary>Every line is sent in pieces that cut multi-byte characters in two.</summary>
    SplitUtf8,

    /// <summary>The tokens never end.</summary>
    Endless,

    /// <summary>After k tokens comes one line of <see cref="SimKnobs.GiantLineBytes"/> bytes.</summary>
    GiantLine,
}
