using System.Text.Json.Serialization;

namespace Warroom.Health;

/// <summary>The JSON of health answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(DependencyHealth))]
[JsonSerializable(typeof(StatusOnly))]
[JsonSerializable(typeof(Liveness))]
internal sealed partial class HealthJson : JsonSerializerContext;
