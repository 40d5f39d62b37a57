using System.Collections.Immutable;
using System.Text;
using Warroom.Bots;

namespace Warroom.Simulation.Live;

/// <summary>A reply: what was to become of it, and what has.</summary>
internal sealed class SimulatedReply(int number, Guid id, string begun, Random random)
{
    private readonly StringBuilder _tokens = new();

    public Guid Id => id;

    /// <summary>Whether it goes on with another.</summary>
    public bool GoesOn => begun.Length > 0;

    /// <summary>All that it ever produced, with what it goes on from.</summary>
    public string Text => begun + _tokens;

    public long NextToken { get; private set; }

    /// <summary>How many tokens are to come.</summary>
    public int Left { get; private set; } = random.Next(6) == 0 ? 0 : random.Next(1, 60);

    /// <summary>How it ends by itself; null if it goes on for ever without a token.</summary>
    public ReplyStatus? End { get; } = random.Next(8) switch { 0 => ReplyStatus.Failed, 1 => ReplyStatus.Interrupted, 2 or 3 => null, _ => ReplyStatus.Complete };

    /// <summary>Whether no more tokens come.</summary>
    public bool IsOver { get; set; }

    /// <summary>How it ended; null before.</summary>
    public ReplyStatus? Ended { get; private set; }

    /// <summary>The text that was stored at its end; null before.</summary>
    public string? Stored { get; private set; }

    public override string ToString() => $"reply {number}";

    public void Store(ReplyEnded ended) => (Ended, Stored) = (ended.Status, ended.Text);

    public TokenBatch Produce(int count)
    {
        count = Math.Min(count, Left);
        var tokens = Enumerable.Range((int)NextToken, count).Select(token => $"{number}.{token} ").ToImmutableArray();
        var batch = new TokenBatch { ReplyId = id, FirstToken = NextToken, Tokens = tokens };
        _tokens.AppendJoin("", tokens);
        NextToken += count;
        Left -= count;
        return batch;
    }
}
