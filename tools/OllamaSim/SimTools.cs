using System.Text.Json;

namespace Warroom.Simulation;

/// <summary>Decides whether the simulated model calls a tool: it does when the prompt says <c>call NAME</c> and the request offers that tool.</summary>
internal static class SimTools
{
    /// <summary>The call, or null. Each required argument is the text <c>simulated</c>.</summary>
    public static SimToolCall? CallFor(string prompt, JsonElement? tools)
    {
        if (tools is not { ValueKind: JsonValueKind.Array } offered)
            return null;
        foreach (var tool in offered.EnumerateArray())
        {
            if (tool.ValueKind == JsonValueKind.Object
                && tool.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
                && function.TryGetProperty("name", out var name) && name.GetString() is { Length: > 0 } named
                && prompt.Contains("call " + named, StringComparison.OrdinalIgnoreCase))
            {
                return new(named, Arguments(function));
            }
        }

        return null;
    }

    private static Dictionary<string, string> Arguments(JsonElement function) =>
        function.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
            ? required.EnumerateArray().Select(name => name.ToString()).Distinct().ToDictionary(name => name, _ => "simulated")
            : [];
}
