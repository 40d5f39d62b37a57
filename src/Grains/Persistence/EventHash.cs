using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Warroom.Persistence;

/// <summary>The hash chain of a log; the formula is at <see cref="LoggedEvent"/>.</summary>
public static class EventHash
{
    /// <summary>The hash before event 1.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>The hash of event <paramref name="seq"/> of <paramref name="ownerId"/>'s log, from its predecessor's.</summary>
    public static string Next(string previous, Guid ownerId, long seq, string body)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(body);
        var lengthMax = 64 + 1 + 36 + 1 + 20 + 1 + Encoding.UTF8.GetMaxByteCount(body.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(lengthMax);
        try
        {
            var length = Encoding.UTF8.GetBytes(previous, buffer);
            buffer[length++] = (byte)'\n';
            ownerId.TryFormat(buffer.AsSpan(length), out var written);
            length += written;
            buffer[length++] = (byte)'\n';
            seq.TryFormat(buffer.AsSpan(length), out written, provider: CultureInfo.InvariantCulture);
            length += written;
            buffer[length++] = (byte)'\n';
            length += Encoding.UTF8.GetBytes(body, buffer.AsSpan(length));
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.AsSpan(0, length), hash);
            return Convert.ToHexStringLower(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
