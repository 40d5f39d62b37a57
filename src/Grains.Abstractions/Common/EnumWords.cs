using System.Text.Json.Serialization;

namespace Warroom;

/// <summary>Enumerations in JSON: their words, and nothing else. A number would be a value that nobody meant, or none at all.</summary>
/// <typeparam name="TEnum">The enumeration.</typeparam>
public sealed class EnumWords<TEnum>() : JsonStringEnumConverter<TEnum>(namingPolicy: null, allowIntegerValues: false)
    where TEnum : struct, Enum;
