namespace Warroom.Bots;

/// <summary>Begins a session.</summary>
[GenerateSerializer, Immutable, Alias("warroom.start-session")]
public sealed record StartSession
{
    /// <summary>Made by the client; the session's id is made of it.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who begins it.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>The bot.</summary>
    [Id(2)] public required string BotId { get; init; }

    /// <summary>Its title; <see langword="null"/>: the beginning of the first message will be.</summary>
    [Id(3)] public string? Title { get; init; }
}

/// <summary>Sends a message, which the bot answers.</summary>
[GenerateSerializer, Immutable, Alias("warroom.send-message")]
public sealed record SendMessage
{
    /// <summary>Made by the client; also the message's id.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who sends it.</summary>
    [Id(1)] public required Author By { get; init; }

    /// <summary>1 to <see cref="BotLimits.MessageLengthMax"/> characters.</summary>
    [Id(2)] public required string Text { get; init; }
}

/// <summary>Asks something of the last reply: stop it, answer again, go on with it.</summary>
[GenerateSerializer, Immutable, Alias("warroom.reply-command")]
public sealed record ReplyCommand
{
    /// <summary>Made by the client.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Who asks.</summary>
    [Id(1)] public required Author By { get; init; }
}

/// <summary>The answer to a command that is durable now.</summary>
[GenerateSerializer, Immutable, Alias("warroom.session-ack")]
public sealed record SessionAck
{
    /// <summary>The number of the last event that the command wrote; a resend gets the same.</summary>
    [Id(0)] public required long Seq { get; init; }

    /// <summary>Whether the operation id was seen before.</summary>
    [Id(1)] public bool Repeated { get; init; }

    /// <summary>The session as it stands now.</summary>
    [Id(2)] public required SessionView Session { get; init; }
}

/// <summary>
/// One conversation with a bot. Key: the session's id (a version 7 UUID). A command's task completes when its events are durable; they and the tokens are published on <see cref="Streams.WarroomStreams.Session"/>.
/// One reply at a time. Tokens are published as they come and stored in micro-batches; whatever dies, a reply ends as complete, stopped, failed or interrupted.
/// Refusals: <c>session.not_found</c>, <c>session.text_required</c>, <c>session.too_long</c>, <c>session.bad_text</c>, <c>session.reply_in_flight</c>, <c>session.nothing_to_stop</c>, <c>session.nothing_to_regenerate</c>,
/// <c>session.nothing_to_continue</c>, <c>bot.not_found</c>, <c>bot.stopped</c>, <c>session.outcome_unknown</c>.
/// </summary>
[Alias("warroom.bot-session")]
public interface IBotSessionGrain : IGrainWithGuidKey
{
    /// <summary>Begins it.</summary>
    [Alias("start")]
    Task<SessionAck> StartAsync(StartSession command, CancellationToken cancellationToken = default);

    /// <summary>Stores the message (<c>message_sent</c>, <c>reply_started</c>) and begins to answer; completes before the first token.</summary>
    [Alias("send")]
    Task<SessionAck> SendAsync(SendMessage command, CancellationToken cancellationToken = default);

    /// <summary>Stops the reply in flight; completes when its <c>reply_ended</c> is durable.</summary>
    [Alias("stop")]
    Task<SessionAck> StopReplyAsync(ReplyCommand command, CancellationToken cancellationToken = default);

    /// <summary>Answers the last message again; the old reply is replaced.</summary>
    [Alias("regenerate")]
    Task<SessionAck> RegenerateAsync(ReplyCommand command, CancellationToken cancellationToken = default);

    /// <summary>Goes on with the last reply, which was interrupted, stopped or failed.</summary>
    [Alias("continue")]
    Task<SessionAck> ContinueAsync(ReplyCommand command, CancellationToken cancellationToken = default);

    /// <summary>The session with the reply in flight, or <see langword="null"/> if there is none with this id. Never waits for a reply.</summary>
    [Alias("get")]
    Task<SessionView?> GetAsync(CancellationToken cancellationToken = default);
}
