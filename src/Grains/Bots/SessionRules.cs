using Warroom.Text;

namespace Warroom.Bots;

/// <summary>What may follow what in a bot session. Pure: state, command and time in, events or a refusal out.</summary>
public static class SessionRules
{
    /// <summary>Begins a session.</summary>
    public static SessionDecision Start(SessionState? state, StartSession command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var title = StorableText.Of(command.Title?.Trim() ?? "");
        return state is not null ? SessionDecision.Refuse(RefusalKind.Conflict, "session.already_started", "This session has begun already.")
            : Author(command.By)
            ?? Nul("The title", command.Title)
            ?? Length("The title", title, BotLimits.TitleLengthMax)
            ?? SessionDecision.Of(new SessionStarted { At = StorableTime.Of(now), By = command.By, OperationId = command.OperationId, BotId = command.BotId, Title = title });
    }

    /// <summary>Takes a message, and begins to answer it.</summary>
    public static SessionDecision Send(SessionState? state, SendMessage command, BotView? bot, Guid replyId, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var text = StorableText.Of(command.Text ?? "");
        if (state is null)
            return NotFound;
        if (Author(command.By) is { } noAuthor)
            return noAuthor;
        if (string.IsNullOrWhiteSpace(text))
            return SessionDecision.Refuse(RefusalKind.Invalid, "session.text_required", "Write something.");
        if ((Nul("The message", command.Text) ?? Length("The message", text, BotLimits.MessageLengthMax)) is { } bad)
            return bad;
        if ((NotInFlight(state) ?? Answers(bot)) is { } not)
            return not;
        var at = StorableTime.Of(now);
        return SessionDecision.Of(
            new MessageSent { At = at, By = command.By, OperationId = command.OperationId, MessageId = command.OperationId, Text = text },
            Started(bot!, command.OperationId, replyId, command.OperationId, at));
    }

    /// <summary>Answers the last message again.</summary>
    public static SessionDecision Regenerate(SessionState? state, ReplyCommand command, BotView? bot, Guid replyId, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return NotFound;
        if ((Author(command.By) ?? NotInFlight(state)) is { } not)
            return not;
        if (state.LastMessage is not { } message)
            return SessionDecision.Refuse(RefusalKind.Conflict, "session.nothing_to_regenerate", "There is no message to answer yet.");
        var replaced = state.LastReply is { } last && last.MessageId == message.MessageId ? last.ReplyId : (Guid?)null;
        return Answers(bot) ?? SessionDecision.Of(Started(bot!, message.MessageId, replyId, command.OperationId, StorableTime.Of(now)) with { Replaces = replaced });
    }

    /// <summary>Goes on with the last reply.</summary>
    /// <param name="state">The session.</param>
    /// <param name="command">The command.</param>
    /// <param name="bot">The session's bot.</param>
    /// <param name="replyId">The id of the new reply.</param>
    /// <param name="lastReply">The id of the last reply and its text, as read from the log.</param>
    /// <param name="now">The time.</param>
    public static SessionDecision Continue(SessionState? state, ReplyCommand command, BotView? bot, Guid replyId, (Guid ReplyId, string Text) lastReply, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return NotFound;
        if ((Author(command.By) ?? NotInFlight(state)) is { } not)
            return not;
        if (state.LastReply is not { Status: ReplyStatus.Interrupted or ReplyStatus.Stopped or ReplyStatus.Failed } last)
            return SessionDecision.Refuse(RefusalKind.Conflict, "session.nothing_to_continue", "The last reply was not cut, so there is nothing to continue.");
        if (last.MessageId != state.LastMessage?.MessageId || last.ReplyId != lastReply.ReplyId)
            return SessionDecision.Refuse(RefusalKind.Conflict, "session.nothing_to_continue", "The last reply is not to the last message any more; look again.");
        if (Answers(bot) is { } no)
            return no;
        var started = Started(bot!, last.MessageId, replyId, command.OperationId, StorableTime.Of(now)) with { Continues = last.ReplyId };
        return SessionDecision.Continue(started, lastReply.Text);
    }

    /// <summary>Whether there is something to stop.</summary>
    public static SessionDecision Stop(SessionState? state, ReplyCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return state is null ? NotFound
            : Author(command.By)
            ?? (state.Live is null ? SessionDecision.Refuse(RefusalKind.Conflict, "session.nothing_to_stop", "No reply is in flight.") : SessionDecision.Unchanged);
    }

    /// <summary>Ends a reply, if it is still in flight: the first end counts.</summary>
    public static SessionDecision End(SessionState? state, ReplyEnded ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return state?.Live?.ReplyId == ended.ReplyId ? SessionDecision.Of(ended) : SessionDecision.Unchanged;
    }

    /// <summary>The end of a reply whose activation died: what was stored of it is kept.</summary>
    public static ReplyEnded Interrupted(SessionReply live, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(live);
        return new()
        {
            At = StorableTime.Of(now),
            By = live.By,
            OperationId = live.OperationId,
            ReplyId = live.ReplyId,
            Status = ReplyStatus.Interrupted,
            Text = live.Text,
            Model = live.Model,
            Simulated = live.Simulated,
            FirstTokenMs = live.FirstTokenMs,
        };
    }

    private static SessionDecision NotFound => SessionDecision.Refuse(RefusalKind.NotFound, "session.not_found", "There is no session with this id.");

    private static SessionDecision? NotInFlight(SessionState state) =>
        state.Live is null ? null : SessionDecision.Refuse(RefusalKind.Conflict, "session.reply_in_flight", "A reply is in flight; wait for its end, or stop it.");

    private static SessionDecision? Answers(BotView? bot) => bot switch
    {
        null => SessionDecision.Refuse(RefusalKind.NotFound, "bot.not_found", "The bot of this session does not exist."),
        { Status: BotStatus.Stopped } => SessionDecision.Refuse(RefusalKind.Conflict, "bot.stopped", $"{bot.Id} is stopped; start it, then send again."),
        _ => null,
    };

    private static SessionDecision? Author(Author? author) =>
        string.IsNullOrWhiteSpace(author?.Name)
            ? SessionDecision.Refuse(RefusalKind.Invalid, "session.author_required", "Say who you are.")
            : Nul("The author's name", author.Name) ?? Length("The author's name", author.Name, Warroom.Author.NameLengthMax);

    private static SessionDecision? Nul(string what, string? text) =>
        StorableText.HasNul(text) ? SessionDecision.Refuse(RefusalKind.Invalid, "session.bad_text", StorableText.NulRefusal(what)) : null;

    private static SessionDecision? Length(string what, string text, int lengthMax) =>
        text.Length <= lengthMax ? null : SessionDecision.Refuse(RefusalKind.TooLarge, "session.too_long", $"{what} has {text.Length} characters; at most {lengthMax} are possible.");

    private static ReplyStarted Started(BotView bot, Guid messageId, Guid replyId, Guid operationId, DateTimeOffset at) => new()
    {
        At = at,
        By = new() { Kind = AuthorKind.Bot, Name = bot.Name },
        OperationId = operationId,
        ReplyId = replyId,
        MessageId = messageId,
        Model = bot.Model,
    };
}
