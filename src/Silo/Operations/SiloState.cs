using System.Text.Json.Serialization;

namespace Warroom.Operations;

/// <summary>What a silo is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SiloState>))]
public enum SiloState
{
    /// <summary>It is becoming part of the cluster.</summary>
    [JsonStringEnumMemberName("starting")] Starting,

    /// <summary>It serves.</summary>
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>It hands its grains over and ends.</summary>
    [JsonStringEnumMemberName("draining")] Draining,

    /// <summary>It ended in order.</summary>
    [JsonStringEnumMemberName("stopped")] Stopped,

    /// <summary>It ended without a word, or was found dead.</summary>
    [JsonStringEnumMemberName("dead")] Dead,
}
