using System.Collections.Immutable;

namespace Warroom.Bots;

/// <summary>A bot session as it stands after its event number <see cref="Version"/>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.session-view")]
public sealed record SessionView
{
    /// <summary>Its id, a version 7 UUID.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The number of its last event.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>The bot.</summary>
    [Id(2)] public required string BotId { get; init; }

    /// <summary>Its title; at first the beginning of the first message.</summary>
    [Id(3)] public required string Title { get; init; }

    /// <summary>When it began.</summary>
    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    [Id(5)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How many messages and replies it has.</summary>
    [Id(6)] public int MessageCount { get; init; }

    /// <summary>The reply in flight, with all of its text so far; <see langword="null"/> if there is none.</summary>
    [Id(7)] public LiveReply? Live { get; init; }
}

/// <summary>A reply whose tokens are coming.</summary>
[GenerateSerializer, Immutable, Alias("warroom.live-reply")]
public sealed record LiveReply
{
    /// <summary>The reply's id.</summary>
    [Id(0)] public required Guid ReplyId { get; init; }

    /// <summary>The message it answers.</summary>
    [Id(1)] public required Guid MessageId { get; init; }

    /// <summary>Its text so far.</summary>
    [Id(2)] public required string Text { get; init; }

    /// <summary>The number of the next token: those below it are in <see cref="Text"/>. Numbers start at 0 for each reply.</summary>
    [Id(3)] public required long NextToken { get; init; }

    /// <summary>When it began.</summary>
    [Id(4)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The model that answers; empty until known.</summary>
    [Id(5)] public string Model { get; init; } = "";

    /// <summary>How many are in front of it in the model's queue; 0 when it is being answered.</summary>
    [Id(6)] public int Queued { get; init; }
}

/// <summary>Tokens of a reply on their way: what one read of the model's body brought.</summary>
[GenerateSerializer, Immutable, Alias("warroom.token-batch")]
public sealed record TokenBatch
{
    /// <summary>The reply.</summary>
    [Id(0)] public required Guid ReplyId { get; init; }

    /// <summary>The number of the first of <see cref="Tokens"/>; the others follow without a gap.</summary>
    [Id(1)] public required long FirstToken { get; init; }

    /// <summary>One or more.</summary>
    [Id(2)] public required ImmutableArray<string> Tokens { get; init; }
}

/// <summary>What listeners of one session get, in order: committed events, or tokens on their way, or both (events first).</summary>
[GenerateSerializer, Immutable, Alias("warroom.session-update")]
public sealed record SessionUpdate
{
    /// <summary>The session.</summary>
    [Id(0)] public required Guid SessionId { get; init; }

    /// <summary>Committed events with consecutive numbers; may be empty.</summary>
    [Id(1)] public ImmutableArray<LoggedEvent> Events { get; init; } = [];

    /// <summary>Tokens on their way.</summary>
    [Id(2)] public TokenBatch? Tokens { get; init; }
}

/// <summary>A message or a reply of a session's history.</summary>
[GenerateSerializer, Immutable, Alias("warroom.chat-message")]
public sealed record ChatMessage
{
    /// <summary>The message's or the reply's id.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The number of the event that began it: history is in this order.</summary>
    [Id(1)] public required long Seq { get; init; }

    /// <summary>A person's or the bot's.</summary>
    [Id(2)] public required MessageRole Role { get; init; }

    /// <summary>Its text; for a reply in flight the text so far.</summary>
    [Id(3)] public required string Text { get; init; }

    /// <summary>Who wrote it.</summary>
    [Id(4)] public required Author By { get; init; }

    /// <summary>When it was sent or begun.</summary>
    [Id(5)] public required DateTimeOffset At { get; init; }

    /// <summary>For replies: how it stands; messages are complete.</summary>
    [Id(6)] public required ReplyStatus Status { get; init; }

    /// <summary>For replies: the message it answers.</summary>
    [Id(7)] public Guid? MessageId { get; init; }

    /// <summary>For replies: how it ended.</summary>
    [Id(8)] public ReplyOutcome? Outcome { get; init; }
}

/// <summary>How a reply ended; see <see cref="ReplyEnded"/>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.reply-outcome")]
public sealed record ReplyOutcome
{
    /// <summary>The model that answered.</summary>
    [Id(0)] public string Model { get; init; } = "";

    /// <summary>Whether it is a simulation.</summary>
    [Id(1)] public bool Simulated { get; init; }

    /// <summary>What to tell the user when it failed.</summary>
    [Id(2)] public string? Error { get; init; }

    /// <summary>A stable code when it failed.</summary>
    [Id(3)] public string? ErrorCode { get; init; }

    /// <summary><c>stop</c> or <c>length</c>.</summary>
    [Id(4)] public string? FinishReason { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    [Id(5)] public int? PromptTokens { get; init; }

    /// <summary>Tokens of the reply.</summary>
    [Id(6)] public int? ReplyTokens { get; init; }

    /// <summary>To the first token, in milliseconds.</summary>
    [Id(7)] public int? FirstTokenMs { get; init; }

    /// <summary>To the end, in milliseconds.</summary>
    [Id(8)] public int? DurationMs { get; init; }

    /// <summary>What an event says of it.</summary>
    public static ReplyOutcome Of(ReplyEnded ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return new()
        {
            Model = ended.Model,
            Simulated = ended.Simulated,
            Error = ended.Error,
            ErrorCode = ended.ErrorCode,
            FinishReason = ended.FinishReason,
            PromptTokens = ended.PromptTokens,
            ReplyTokens = ended.ReplyTokens,
            FirstTokenMs = ended.FirstTokenMs,
            DurationMs = ended.DurationMs,
        };
    }
}
