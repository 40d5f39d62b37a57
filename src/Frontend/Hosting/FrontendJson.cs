using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Warroom.Frontend.Alerts;
using Warroom.Frontend.Bots;
using Warroom.Frontend.Cluster;
using Warroom.Frontend.Errors;
using Warroom.Frontend.Incidents;
using Warroom.Frontend.Live;
using Warroom.Frontend.Services;
using Warroom.Frontend.Sessions;
using Warroom.Frontend.Timeline;
using Warroom.Operations;

namespace Warroom.Frontend.Hosting;

/// <summary>The front end's own shapes, in the same JSON as <see cref="WarroomJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenIncidentRequest))]
[JsonSerializable(typeof(ChangeIncidentRequest))]
[JsonSerializable(typeof(LinkServicesRequest))]
[JsonSerializable(typeof(PostEntryRequest))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(TimelinePage))]
[JsonSerializable(typeof(WatchedIncident))]
[JsonSerializable(typeof(PutServiceRequest))]
[JsonSerializable(typeof(ServiceEntry))]
[JsonSerializable(typeof(IReadOnlyList<ServiceEntry>))]
[JsonSerializable(typeof(LaunchBotRequest))]
[JsonSerializable(typeof(ConfigureBotRequest))]
[JsonSerializable(typeof(IReadOnlyList<Warroom.Bots.BotView>))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(StartSessionRequest))]
[JsonSerializable(typeof(SendMessageRequest))]
[JsonSerializable(typeof(IReadOnlyList<Warroom.Bots.SessionView>))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(WatchedSession))]
[JsonSerializable(typeof(Standing))]
[JsonSerializable(typeof(AlertmanagerMessage))]
[JsonSerializable(typeof(AlertRoutes))]
[JsonSerializable(typeof(ClusterOverview))]
[JsonSerializable(typeof(OperatorCommand))]
[JsonSerializable(typeof(IReadOnlyList<OperatorCommand>))]
[JsonSerializable(typeof(GrainPlace))]
[JsonSerializable(typeof(About))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(Guid))]
public sealed partial class FrontendJson : JsonSerializerContext
{
    /// <summary>The context to use: as <see cref="Default"/>, with letters not escaped.</summary>
    public static FrontendJson Wire => Relaxed.Context;

    /// <summary>Makes options write and read as <see cref="WarroomJson.Wire"/> does.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new UtcTimeConverter());
        options.TypeInfoResolverChain.Clear();
        options.TypeInfoResolverChain.Add(Default);
        options.TypeInfoResolverChain.Add(WarroomJson.Default);

        // For what the framework brings along (the OpenAPI document, a hub's plain values).
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
    }

    private static class Relaxed
    {
        public static readonly FrontendJson Context = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
