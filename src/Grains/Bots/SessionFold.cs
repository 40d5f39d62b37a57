namespace Warroom.Bots;

/// <summary>What an event does to a session's state. Pure, and total: every state that the rules let happen folds.</summary>
public static class SessionFold
{
    /// <summary>The state after an event.</summary>
    /// <param name="state">The state before; null before event 1.</param>
    /// <param name="id">The session.</param>
    /// <param name="happened">The event.</param>
    /// <param name="continuedText">For a <see cref="ReplyStarted"/> that continues: the text it goes on from.</param>
    public static SessionState Apply(SessionState? state, Guid id, SessionEvent happened, string continuedText = "")
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (happened is SessionStarted started)
        {
            return new() { Id = id, Version = 1, BotId = started.BotId, Title = started.Title, CreatedAt = started.At, UpdatedAt = started.At };
        }

        var before = state ?? throw new InvalidOperationException($"{happened.GetType().Name} of session {id}, but the session has not begun.");
        var seq = before.Version + 1;
        var after = happened switch
        {
            MessageSent sent => before with
            {
                Title = before.Title.Length == 0 ? TitleOf(sent.Text) : before.Title,
                MessageCount = before.MessageCount + 1,
                LastMessage = new() { MessageId = sent.MessageId, Seq = seq },
            },
            ReplyStarted reply => before with
            {
                MessageCount = before.MessageCount + ((reply.Replaces ?? reply.Continues) is null ? 1 : 0),
                Live = new()
                {
                    ReplyId = reply.ReplyId,
                    MessageId = reply.MessageId,
                    StartedAt = reply.At,
                    OperationId = reply.OperationId,
                    By = reply.By,
                    Model = reply.Model,
                    Text = continuedText,
                },
            },
            ReplyEnded ended => before with
            {
                LastReply = new()
                {
                    ReplyId = ended.ReplyId,
                    MessageId = before.Live?.MessageId ?? before.LastMessage?.MessageId ?? Guid.Empty,
                    Status = ended.Status,
                    HasText = ended.Text.Length > 0,
                },
                Live = null,
            },
            SessionRenamed renamed => before with { Title = renamed.Title },
            _ => before,
        };
        return after with { Version = seq, UpdatedAt = happened.At };
    }

    /// <summary>A title made of a message: its first line, cut at a word.</summary>
    public static string TitleOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end >= 0 ? line[..end].TrimEnd() : line;
        if (line.Length <= TitleLength)
        {
            return line.ToString();
        }

        var cut = line[..(TitleLength - 1)];
        var word = cut.LastIndexOf(' ');
        cut = word > TitleLength / 2 ? cut[..word] : char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut;
        return cut.ToString() + "…";
    }

    private const int TitleLength = 60;
}
