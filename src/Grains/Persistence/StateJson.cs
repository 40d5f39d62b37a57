using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Services;

namespace Warroom.Persistence;

/// <summary>The one way in which states become JSON in their rows. Each has a member <c>schema</c>; members are only ever added, so that an older row is read with the defaults of what it lacks.</summary>
[JsonSerializable(typeof(IncidentState))]
[JsonSerializable(typeof(ServiceState))]
[JsonSerializable(typeof(AlertRouterState))]
[JsonSerializable(typeof(BotState))]
[JsonSerializable(typeof(BotDirectoryState))]
[JsonSerializable(typeof(SessionState))]
public sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>The context to use: snake_case names, <see langword="null"/> left out, letters not escaped.</summary>
    public static StateJson Stored { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
