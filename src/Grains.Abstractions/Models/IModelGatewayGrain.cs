using System.Text.Json.Serialization;

namespace Warroom.Models;

/// <summary>What a gateway says to somebody who wants to ask its model.</summary>
[JsonConverter(typeof(EnumWords<AdmissionKind>))]
public enum AdmissionKind
{
    /// <summary>Go on; renew the ticket while it is used, and give it back.</summary>
    [JsonStringEnumMemberName("granted")] Granted,

    /// <summary>All slots are in use; ask again with the same ticket to keep the place.</summary>
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>The queue is full.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>The endpoint failed too often; it is left alone for a while.</summary>
    [JsonStringEnumMemberName("open")] Open,
}

/// <summary>How the use of a slot ended.</summary>
[JsonConverter(typeof(EnumWords<SlotOutcome>))]
public enum SlotOutcome
{
    /// <summary>The endpoint answered.</summary>
    [JsonStringEnumMemberName("succeeded")] Succeeded,

    /// <summary>The endpoint failed: counts towards its circuit breaker.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>It says nothing of the endpoint's health: it was not asked, or does not have the model.</summary>
    [JsonStringEnumMemberName("unknown")] Unknown,
}

/// <summary>Whether an endpoint is asked.</summary>
[JsonConverter(typeof(EnumWords<CircuitState>))]
public enum CircuitState
{
    /// <summary>It is.</summary>
    [JsonStringEnumMemberName("closed")] Closed,

    /// <summary>It is not, for a while.</summary>
    [JsonStringEnumMemberName("open")] Open,

    /// <summary>One request may try whether it is back.</summary>
    [JsonStringEnumMemberName("half_open")] HalfOpen,
}

/// <summary>The answer to <see cref="IModelGatewayGrain.AskAsync"/>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.admission")]
public sealed record Admission
{
    /// <summary>Granted, queued or refused.</summary>
    [Id(0)] public required AdmissionKind Kind { get; init; }

    /// <summary>When queued: how many are in front.</summary>
    [Id(1)] public int Ahead { get; init; }
}

/// <summary>A gateway as it stands.</summary>
[GenerateSerializer, Immutable, Alias("warroom.model-gateway-view")]
public sealed record ModelGatewayView
{
    /// <summary>The endpoint's address.</summary>
    [Id(0)] public required string Endpoint { get; init; }

    /// <summary>Whether it is asked.</summary>
    [Id(1)] public required CircuitState Circuit { get; init; }

    /// <summary>Slots in use.</summary>
    [Id(2)] public required int Running { get; init; }

    /// <summary>Slots in all.</summary>
    [Id(3)] public required int Slots { get; init; }

    /// <summary>Waiting for a slot.</summary>
    [Id(4)] public required int Queued { get; init; }

    /// <summary>Failures one after another.</summary>
    [Id(5)] public int Failures { get; init; }
}

/// <summary>
/// Admission to one model endpoint: so many requests at once, a bounded queue that is fair between askers, and a circuit breaker. Key: the endpoint's address as configured. It holds no
/// data that must last: tickets that are not renewed lapse, and one that is renewed after a restart counts again. The model itself is asked by the ticket's holder.
/// </summary>
[Alias("warroom.model-gateway")]
public interface IModelGatewayGrain : IGrainWithStringKey
{
    /// <summary>Asks for a slot. Waits up to 5 s for one when it may queue; then the answer is <see cref="AdmissionKind.Queued"/>, and asking again with the same ticket keeps the place (for 15 s).</summary>
    /// <param name="ticket">Made by the caller; safe to repeat.</param>
    /// <param name="asker">Between whom the queue is fair.</param>
    /// <param name="mayQueue">Otherwise <see cref="AdmissionKind.Queued"/> only says how many are waiting, and no place is taken.</param>
    /// <param name="cancellationToken">Gives up; the place lapses.</param>
    [Alias("ask")]
    Task<Admission> AskAsync(Guid ticket, string asker, bool mayQueue, CancellationToken cancellationToken = default);

    /// <summary>Says that the slot is still in use: at least every 30 s.</summary>
    [Alias("renew")]
    Task RenewAsync(Guid ticket);

    /// <summary>Gives the slot, or the place in the queue, back; safe to repeat.</summary>
    [Alias("release")]
    Task ReleaseAsync(Guid ticket, SlotOutcome outcome);

    /// <summary>How it stands.</summary>
    [Alias("get")]
    Task<ModelGatewayView> GetAsync();
}
