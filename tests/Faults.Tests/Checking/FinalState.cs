using System.Security.Cryptography;
using System.Text;

namespace Warroom.Faults.Checking;

/// <summary>An event as the database holds it in the end.</summary>
/// <param name="Incident">Whose.</param>
/// <param name="Seq">Its number.</param>
/// <param name="OpId">The operation that it belongs to.</param>
/// <param name="Part">Its kind: one operation may write several events, each of another kind.</param>
/// <param name="Epoch">Of the activation that wrote it.</param>
/// <param name="Hash">64 hex digits.</param>
/// <param name="Body">Its JSON, to the letter.</param>
/// <param name="Payload">The hash of the text that a client sent, where the body has it.</param>
public sealed record FinalEvent(Guid Incident, long Seq, Guid OpId, string Part, long Epoch, string Hash, string Body, string? Payload = null);

/// <summary>One write of an incident's row, as a trigger saw it, in the order of commits.</summary>
/// <param name="Incident">Whose.</param>
/// <param name="Version">The number of the last event after it.</param>
/// <param name="Epoch">The epoch that wrote.</param>
/// <param name="Writer">The process that wrote.</param>
public sealed record OwnerWrite(Guid Incident, long Version, long Epoch, Guid Writer);

/// <summary>A bot's reply as the database holds it in the end.</summary>
public sealed record FinalRun(Guid Run, string Text, History.RunEnd? End);

/// <summary>What is there after everything was healed.</summary>
public sealed record FinalState
{
    /// <summary>All events, in the order of incident and number as stored.</summary>
    public required IReadOnlyList<FinalEvent> Events { get; init; }

    /// <summary>All writes of incidents' rows; empty where no trigger watched.</summary>
    public IReadOnlyList<OwnerWrite> Owners { get; init; } = [];

    /// <summary>All replies.</summary>
    public IReadOnlyList<FinalRun> Runs { get; init; } = [];

    /// <summary>Operations that no history knows: the set-up's.</summary>
    public IReadOnlySet<Guid> Others { get; init; } = new HashSet<Guid>();
}

/// <summary>The hashes of docs/contracts.md, computed a second time and not by the product.</summary>
public static class Hashes
{
    /// <summary>The hash before event 1.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>The hash of an event from its predecessor's.</summary>
    public static string Next(string previous, Guid incident, long seq, string body) => Of($"{previous}\n{incident:D}\n{seq}\n{body}");

    /// <summary>SHA-256 in hex.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>An operation id made of a text, for effects that the server numbers by itself.</summary>
    public static Guid ToId(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
