using System.ComponentModel.DataAnnotations;

namespace Warroom.Bots;

/// <summary>How bot sessions answer: section <c>Bots</c>.</summary>
public sealed class BotSessionOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Bots";

    /// <summary>The longest time that a reply may take, waiting included; then it is interrupted. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ReplyTimeMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the text so far of a reply in flight is stored: what a crash can cost of it. Default 0.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan SavePeriod { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How many characters of a session the model is given. Default 24,000.</summary>
    [Range(1_000, 10_000_000)]
    public int ContextCharactersMax { get; set; } = 24_000;
}
