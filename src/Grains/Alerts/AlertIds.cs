using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Warroom.Alerts;

/// <summary>Ids that follow from an alert, so that the same news leads to the same ids whoever works them out, and however often. Pure.</summary>
public static class AlertIds
{
    private const int GuidBytes = 16;

    /// <summary>The operation that tells an incident that this firing began (a version 8 UUID of its fingerprint and start).</summary>
    public static Guid Fired(Alert alert) => Hashed("fired", alert);

    /// <summary>The operation that tells an incident that this firing is over.</summary>
    public static Guid Resolved(Alert alert) => Hashed("resolved", alert);

    /// <summary>The id of an incident that this alert opens now: a version 7 UUID (RFC 9562, 5.7) of the time, with the hash of service, firing and time where others have random bits.</summary>
    public static Guid Incident(string service, Alert alert, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var bytes = Hash($"incident\n{service}\n{alert.Fingerprint}\n{alert.StartsAt.UtcTicks}\n{now.UtcTicks}");
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)now.ToUnixTimeMilliseconds() << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(6)));
        return Stamped(bytes, version: 7);
    }

    private static Guid Hashed(string what, Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return Stamped(Hash($"{what}\n{alert.Fingerprint}\n{alert.StartsAt.UtcTicks}"), version: 8);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static Guid Stamped(byte[] bytes, int version)
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | (version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes.AsSpan(0, GuidBytes), bigEndian: true);
    }
}
