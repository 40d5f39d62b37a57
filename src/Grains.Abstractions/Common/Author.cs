using System.Text.Json.Serialization;

namespace Warroom;

/// <summary>What sort of party did something.</summary>
[JsonConverter(typeof(EnumWords<AuthorKind>))]
public enum AuthorKind
{
    /// <summary>A person.</summary>
    [JsonStringEnumMemberName("person")] Person,

    /// <summary>A bot: what it wrote is a machine's.</summary>
    [JsonStringEnumMemberName("bot")] Bot,

    /// <summary>An alert source, by webhook.</summary>
    [JsonStringEnumMemberName("alert")] Alert,

    /// <summary>Warroom itself.</summary>
    [JsonStringEnumMemberName("system")] System,
}

/// <summary>Who did something. Until identity arrives a person's name is what the client says.</summary>
[GenerateSerializer, Immutable, Alias("warroom.author")]
public sealed record Author
{
    /// <summary>The longest name, in characters.</summary>
    public const int NameLengthMax = 80;

    /// <summary>Warroom itself.</summary>
    public static Author Warroom { get; } = new() { Kind = AuthorKind.System, Name = "Warroom" };

    /// <summary>Person, bot, alert source or Warroom.</summary>
    [Id(0)] public required AuthorKind Kind { get; init; }

    /// <summary>1 to <see cref="NameLengthMax"/> characters.</summary>
    [Id(1)] public required string Name { get; init; }
}
