namespace Warroom.Simulation;

/// <summary>How the simulator behaves. Immutable: a request keeps the knobs it began with.</summary>
internal sealed record SimKnobs
{
    /// <summary>Tokens per second of a reply; 0 means as fast as the client reads.</summary>
    public double TokensPerSecond { get; init; } = 40;

    /// <summary>Milliseconds before the first byte of a reply.</summary>
    public int FirstTokenDelayMs { get; init; } = 150;

    /// <summary>Length of a reply in tokens; 0 means as long as the canned text is (100 to 250).</summary>
    public int ReplyTokens { get; init; }

    /// <summary>The exact text of every reply instead of the one derived from the prompt.</summary>
    public string? Reply { get; init; }

    /// <summary>What goes wrong.</summary>
    public SimFault Fault { get; init; }

    /// <summary>How many requests still meet the fault; null means all.</summary>
    public int? FaultRequests { get; init; }

    /// <summary>Tokens that come before the fault shows.</summary>
    public int FaultAfterTokens { get; init; }

    /// <summary>For <see cref="SimFault.Cut"/>: bytes of the body that come before the cut, instead of tokens.</summary>
    public long? FaultAfterBytes { get; init; }

    /// <summary>For <see cref="SimFault.GiantLine"/>.</summary>
    public long GiantLineBytes { get; init; } = 100 * 1024 * 1024;
}

/// <summary>A change of some knobs: what is null stays as it is.</summary>
internal sealed record SimKnobsChange(
    double? TokensPerSecond = null,
    int? FirstTokenDelayMs = null,
    int? ReplyTokens = null,
    string? Reply = null,
    SimFault? Fault = null,
    int? FaultRequests = null,
    int? FaultAfterTokens = null,
    long? FaultAfterBytes = null,
    long? GiantLineBytes = null)
{
    /// <summary>Naming a fault starts it afresh: its count and places are those of this change.</summary>
    public SimKnobs ApplyTo(SimKnobs knobs)
    {
        var changed = knobs with
        {
            TokensPerSecond = TokensPerSecond ?? knobs.TokensPerSecond,
            FirstTokenDelayMs = FirstTokenDelayMs ?? knobs.FirstTokenDelayMs,
            ReplyTokens = ReplyTokens ?? knobs.ReplyTokens,
            Reply = Reply is null ? knobs.Reply : Reply.Length == 0 ? null : Reply,
            GiantLineBytes = GiantLineBytes ?? knobs.GiantLineBytes,
        };
        return Fault is null
            ? changed
            : changed with { Fault = Fault.Value, FaultRequests = FaultRequests, FaultAfterTokens = FaultAfterTokens ?? 0, FaultAfterBytes = FaultAfterBytes };
    }

    /// <summary>Says what is wrong with the figures, or null.</summary>
    public string? Refusal() =>
        TokensPerSecond is < 0 or > 1_000_000 || (TokensPerSecond is { } rate && !double.IsFinite(rate)) ? "tokensPerSecond must be 0 to 1000000"
        : FirstTokenDelayMs is < 0 or > 600_000 ? "firstTokenDelayMs must be 0 to 600000"
        : ReplyTokens is < 0 or > 1_000_000 ? "replyTokens must be 0 to 1000000"
        : FaultRequests is < 0 ? "faultRequests must be 0 or more"
        : FaultAfterTokens is < 0 || FaultAfterBytes is < 0 ? "faultAfterTokens and faultAfterBytes must be 0 or more"
        : GiantLineBytes is < 1 or > 1L << 30 ? "giantLineBytes must be 1 to 1073741824"
        : null;
}
