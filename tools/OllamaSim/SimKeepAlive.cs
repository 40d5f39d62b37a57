using System.Globalization;
using System.Text.Json;

namespace Warroom.Simulation;

/// <summary>Ollama's <c>keep_alive</c>: seconds as a number, or a duration such as <c>"5m"</c>; negative means for ever.</summary>
internal static class SimKeepAlive
{
    private static readonly TimeSpan Default = TimeSpan.FromMinutes(5);

    /// <summary>Reads it; what is missing or not understood is the default of five minutes.</summary>
    public static TimeSpan Parse(JsonElement? value)
    {
        if (value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var seconds))
            return Seconds(seconds);
        if (value is not { ValueKind: JsonValueKind.String } text || text.GetString() is not { Length: > 0 } duration)
            return Default;
        var unit = duration.TrimStart('-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        if (!double.TryParse(duration.AsSpan(0, duration.Length - unit.Length), CultureInfo.InvariantCulture, out var amount))
            return Default;
        return unit switch
        {
            "" or "s" => Seconds(amount),
            "ms" => Seconds(amount / 1000),
            "m" => Seconds(amount * 60),
            "h" => Seconds(amount * 3600),
            _ => Default,
        };
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 1e9));
}
