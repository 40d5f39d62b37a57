using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Frontend.Hosting;

/// <summary>Writes times in UTC with <c>Z</c> and as many digits as they have; reads what RFC 3339 allows.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    // 2026-11-20T12:00:00.1234567Z
    private const int LengthMax = 28;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        value.UtcDateTime.TryFormat(text, out var length, "yyyy'-'MM'-'dd'T'HH':'mm':'ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
