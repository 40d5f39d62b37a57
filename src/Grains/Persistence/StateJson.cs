using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Services;

namespace Warroom.Persistence;

/// <summary>
/// The one way in which states become JSON in their rows: snake_case names, <see langword="null"/> left out, letters not escaped. Each has a member <c>schema</c>; members are only ever added, so that an older row is read
/// with the defaults of what it lacks. Not a generated context: that one passes <c>default</c> for every <c>init</c> member that is not in the text, so an older row would come back with nulls where the record says
/// otherwise (seen with .NET 10.0; a test holds it). Reading by reflection calls the constructor and sets what is there.
/// </summary>
public sealed class StateJson
{
    private readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private StateJson()
    {
        _options.MakeReadOnly();
        IncidentState = Info<IncidentState>();
        IncidentEvent = Info<IncidentEvent>();
        ServiceState = Info<ServiceState>();
        AlertRouterState = Info<AlertRouterState>();
        BotState = Info<BotState>();
        BotDirectoryState = Info<BotDirectoryState>();
        SessionState = Info<SessionState>();
        SessionEvent = Info<SessionEvent>();
    }

    /// <summary>The only one.</summary>
    public static StateJson Stored { get; } = new();

    /// <summary>An incident's row.</summary>
    public JsonTypeInfo<IncidentState> IncidentState { get; }

    /// <summary>The body of an incident's event, for reading; it is written with <see cref="WarroomJson.Wire"/>.</summary>
    public JsonTypeInfo<IncidentEvent> IncidentEvent { get; }

    /// <summary>A service's row.</summary>
    public JsonTypeInfo<ServiceState> ServiceState { get; }

    /// <summary>An alert router's row.</summary>
    public JsonTypeInfo<AlertRouterState> AlertRouterState { get; }

    /// <summary>A bot's row.</summary>
    public JsonTypeInfo<BotState> BotState { get; }

    /// <summary>The row of the directory of bots.</summary>
    public JsonTypeInfo<BotDirectoryState> BotDirectoryState { get; }

    /// <summary>A bot session's row.</summary>
    public JsonTypeInfo<SessionState> SessionState { get; }

    /// <summary>The body of a session's event, for reading; it is written with <see cref="WarroomJson.Wire"/>.</summary>
    public JsonTypeInfo<SessionEvent> SessionEvent { get; }

    /// <summary>How a state of any of these types is read and written.</summary>
    public JsonTypeInfo GetTypeInfo(Type type) => _options.GetTypeInfo(type);

    private JsonTypeInfo<T> Info<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));
}
