using System.Security.Cryptography;

namespace Warroom.Frontend.Hosting;

/// <summary>The id of what a command makes, made of its operation id: a resend names the same thing.</summary>
internal static class EntityId
{
    /// <summary>The operation id itself if it is a version 7 UUID (RFC 9562); otherwise a version 7 UUID with time 0 and the rest from its SHA-256.</summary>
    public static Guid From(Guid operationId)
    {
        if (operationId is { Version: 7, Variant: >= 8 and <= 11 })
        {
            return operationId;
        }

        Span<byte> bytes = stackalloc byte[16];
        operationId.TryWriteBytes(bytes, bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        hash[..6].Clear();
        hash[6] = (byte)(0x70 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new Guid(hash[..16], bigEndian: true);
    }
}
