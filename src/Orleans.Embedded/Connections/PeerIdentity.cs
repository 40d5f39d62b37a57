using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>What kind of process is at the other end.</summary>
internal enum PeerRole : byte
{
    Silo = 1,
    Client = 2,
}

/// <summary>A process of the cluster, as the handshake has shown it to be.</summary>
/// <param name="Role">Silo or client.</param>
/// <param name="ProcessId">What names the process in identities: a silo's address in its parsable form, or <c>client-</c> and 32 digits.</param>
/// <param name="Address">A silo's address; null for a client.</param>
internal sealed record PeerIdentity(PeerRole Role, string ProcessId, SiloAddress? Address)
{
    public const string ClientPrefix = "client-";

    public static PeerIdentity OfSilo(SiloAddress address) => new(PeerRole.Silo, address.ToParsableString(), address);

    public static PeerIdentity NewClient() => new(PeerRole.Client, $"{ClientPrefix}{Guid.NewGuid():N}", null);

    /// <summary>Whom a role and a text name; null if they fit together in no way.</summary>
    public static PeerIdentity? TryParse(PeerRole role, string processId) => role switch
    {
        PeerRole.Silo when SiloAddress.TryParse(processId, out var address) => new(role, processId, address),
        PeerRole.Client when processId.StartsWith(ClientPrefix, StringComparison.Ordinal) && processId.Length == ClientPrefix.Length + 32 => new(role, processId, null),
        _ => null,
    };

    public override string ToString() => Role == PeerRole.Silo ? $"silo {Address}" : ProcessId;
}
