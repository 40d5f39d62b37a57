using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Services;
using Warroom.Streams;

namespace Warroom;

/// <summary>The one way in which contracts become JSON, stored and sent: snake_case names, <see langword="null"/> left out, letters not escaped (a page must render them as text in any case).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IncidentEvent))]
[JsonSerializable(typeof(SessionEvent))]
[JsonSerializable(typeof(IncidentView))]
[JsonSerializable(typeof(IncidentSummary))]
[JsonSerializable(typeof(IReadOnlyList<IncidentSummary>))]
[JsonSerializable(typeof(IncidentAck))]
[JsonSerializable(typeof(IncidentUpdate))]
[JsonSerializable(typeof(ServiceView))]
[JsonSerializable(typeof(BotView))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(SessionAck))]
[JsonSerializable(typeof(SessionUpdate))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(CatalogueChange))]
public sealed partial class WarroomJson : JsonSerializerContext
{
    /// <summary>The context to use: as <see cref="Default"/>, with letters not escaped.</summary>
    public static WarroomJson Wire => Relaxed.Context;

    /// <summary>The event of a body that is stored in a session's log; <see langword="null"/> if a newer version wrote it, of a kind that this one does not know: two versions run side by side during an upgrade.</summary>
    /// <exception cref="JsonException">The body is no event.</exception>
    public static SessionEvent? SessionEventOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, Wire.SessionEvent) ?? throw new JsonException("The body of a session's event is null.");
        }
        catch (JsonException) when (IsOfUnknownKind(body))
        {
            return null;
        }
    }

    private static bool IsOfUnknownKind(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String
            && !Wire.SessionEvent.PolymorphismOptions!.DerivedTypes.Any(known => known.TypeDiscriminator is string name && kind.ValueEquals(name));
    }

    // A class of its own: the static members of a partial class are initialised in no order to rely on, and this one needs Default.
    private static class Relaxed
    {
        public static readonly WarroomJson Context = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
