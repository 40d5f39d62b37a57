namespace Warroom.Bots;

/// <summary>
/// The row of a bot session: what its events add up to, without the messages themselves (those are its log), and with the text so far of the
/// reply in flight. Stored as JSON; members are only ever added, and <see cref="Schema"/> counts when that is not enough.
/// </summary>
public sealed record SessionState
{
    /// <summary>The version of this shape.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The session's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The number of its last event.</summary>
    public long Version { get; init; }

    /// <summary>The bot.</summary>
    public required string BotId { get; init; }

    /// <summary>The title; empty until the first message when none was given.</summary>
    public required string Title { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Messages and replies that are shown.</summary>
    public int MessageCount { get; init; }

    /// <summary>The last message of a person, if there is one.</summary>
    public SessionMessageMark? LastMessage { get; init; }

    /// <summary>The last reply that ended, if there is one.</summary>
    public SessionReplyMark? LastReply { get; init; }

    /// <summary>The reply in flight. A row that is loaded with one belongs to an activation that died: the reply is interrupted.</summary>
    public SessionReply? Live { get; init; }
}

/// <summary>Where the last message is.</summary>
public sealed record SessionMessageMark
{
    /// <summary>Its id.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The number of its event.</summary>
    public required long Seq { get; init; }
}

/// <summary>How the last reply ended.</summary>
public sealed record SessionReplyMark
{
    /// <summary>Its id.</summary>
    public required Guid ReplyId { get; init; }

    /// <summary>The message it answers.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>How it ended.</summary>
    public required ReplyStatus Status { get; init; }

    /// <summary>Whether there is text of it.</summary>
    public bool HasText { get; init; }
}

/// <summary>A reply in flight as it was stored last.</summary>
public sealed record SessionReply
{
    /// <summary>Its id.</summary>
    public required Guid ReplyId { get; init; }

    /// <summary>The message it answers.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The operation that began it.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>The bot's name.</summary>
    public required Author By { get; init; }

    /// <summary>The model that was asked, or answers.</summary>
    public string Model { get; init; } = "";

    /// <summary>Whether the model is a simulation.</summary>
    public bool Simulated { get; init; }

    /// <summary>The text so far, with what it continues from.</summary>
    public string Text { get; init; } = "";

    /// <summary>The number of the next token.</summary>
    public long NextToken { get; init; }

    /// <summary>How many are in front of it in the model's queue.</summary>
    public int Queued { get; init; }

    /// <summary>From its start to its first token, in milliseconds.</summary>
    public int? FirstTokenMs { get; init; }
}
