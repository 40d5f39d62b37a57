using System.Text.Json.Serialization;

namespace Warroom.Bots;

/// <summary>Whether a bot answers.</summary>
[JsonConverter(typeof(EnumWords<BotStatus>))]
public enum BotStatus
{
    /// <summary>It answers.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>It does not; its sessions stay readable.</summary>
    [JsonStringEnumMemberName("stopped")] Stopped,
}

/// <summary>How a reply stands. All but <see cref="Streaming"/> are final.</summary>
[JsonConverter(typeof(EnumWords<ReplyStatus>))]
public enum ReplyStatus
{
    /// <summary>Its tokens are coming.</summary>
    [JsonStringEnumMemberName("streaming")] Streaming,

    /// <summary>The model ended it.</summary>
    [JsonStringEnumMemberName("complete")] Complete,

    /// <summary>A person stopped it.</summary>
    [JsonStringEnumMemberName("stopped")] Stopped,

    /// <summary>The model failed before or while answering; what there is of text is kept.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>It was cut by a crash, a shutdown or a broken connection: a stored prefix that can be continued.</summary>
    [JsonStringEnumMemberName("interrupted")] Interrupted,
}

/// <summary>Who a message is from.</summary>
[JsonConverter(typeof(EnumWords<MessageRole>))]
public enum MessageRole
{
    /// <summary>A person.</summary>
    [JsonStringEnumMemberName("user")] User,

    /// <summary>The bot.</summary>
    [JsonStringEnumMemberName("assistant")] Assistant,
}

/// <summary>The limits of bots and sessions.</summary>
public static class BotLimits
{
    /// <summary>The longest message, in characters.</summary>
    public const int MessageLengthMax = 32_000;

    /// <summary>The longest reply, in UTF-8 bytes; there it ends as complete with finish reason <c>length</c>.</summary>
    public const int ReplyBytesMax = 64 * 1024;

    /// <summary>The longest bot name, in characters.</summary>
    public const int NameLengthMax = 80;

    /// <summary>The longest persona, in characters.</summary>
    public const int PersonaLengthMax = 8_000;

    /// <summary>The longest session title, in characters.</summary>
    public const int TitleLengthMax = 120;
}
