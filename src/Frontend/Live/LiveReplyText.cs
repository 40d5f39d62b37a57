using System.Collections.Immutable;
using System.Text;
using Warroom.Bots;

namespace Warroom.Frontend.Live;

/// <summary>The reply in flight of a session as this front end knows it, so that a viewer can join half-way. Not safe for use from several threads.</summary>
internal sealed class LiveReplyText
{
    private readonly LiveReply _start;
    private readonly StringBuilder _text;

    public LiveReplyText(LiveReply reply)
    {
        _start = reply;
        _text = new StringBuilder(reply.Text);
        NextToken = reply.NextToken;
    }

    public Guid ReplyId => _start.ReplyId;

    /// <summary>The number of the next token.</summary>
    public long NextToken { get; private set; }

    /// <summary>Adds what is new in a batch, and returns that; <see langword="null"/> if nothing is. The batch must not begin after <see cref="NextToken"/>.</summary>
    public TokenBatch? Add(TokenBatch batch)
    {
        var known = NextToken - batch.FirstToken;
        ArgumentOutOfRangeException.ThrowIfNegative(known, nameof(batch));
        if (known >= batch.Tokens.Length)
        {
            return null;
        }

        var fresh = known == 0 ? batch : batch with { FirstToken = NextToken, Tokens = batch.Tokens.RemoveRange(0, (int)known) };
        foreach (var token in fresh.Tokens)
        {
            _text.Append(token);
        }

        NextToken += fresh.Tokens.Length;
        return fresh;
    }

    /// <summary>As it stands.</summary>
    public LiveReply ToReply() => _start with { Text = _text.ToString(), NextToken = NextToken, Queued = NextToken > 0 ? 0 : _start.Queued };
}
