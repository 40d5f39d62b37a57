using System.Buffers.Binary;
using System.Security.Cryptography;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>
/// How two processes find out whether they belong together. The dialler says who it is and whom it wants (<see cref="FrameKind.Hello"/>), the listener answers
/// with a number used once (<see cref="FrameKind.Challenge"/>); then first the dialler and after it the listener proves with HMAC-SHA256 over both messages that
/// it knows the cluster's secret. A stranger is never given anything that is made of the secret.
/// </summary>
internal static class Handshake
{
    private const uint Magic = 0x4D525257;
    private const int NonceSize = 32;
    private const int FrameMax = 2048;

    // What a record of TLS begins with. Read as a length it is far beyond any.
    private const byte TlsAlert = 0x15;
    private const byte TlsHandshake = 0x16;
    private const byte TlsMajor = 3;

    private static ReadOnlySpan<byte> DiallerLabel => "warroom dialler"u8;
    private static ReadOnlySpan<byte> ListenerLabel => "warroom listener"u8;

    /// <summary>As the one who connected. <paramref name="wanted"/> is the silo that must be there.</summary>
    /// <exception cref="HandshakeException">One of the sides refused.</exception>
    public static async Task<PeerIdentity> DialAsync(Stream stream, ConnectionSettings settings, SiloAddress wanted, CancellationToken cancellationToken)
    {
        var hello = WriteHello(settings, wanted);
        await stream.WriteAsync(hello, cancellationToken);
        var challenge = await ReadAsync(stream, cancellationToken);
        ReadChallenge(challenge, settings, wanted);
        await stream.WriteAsync(WriteProof(FrameKind.Proof, Prove(settings, DiallerLabel, hello, challenge)), cancellationToken);
        var welcome = await ReadAsync(stream, cancellationToken);
        ReadProof(welcome, FrameKind.Welcome, Prove(settings, ListenerLabel, hello, challenge));
        return PeerIdentity.OfSilo(wanted);
    }

    /// <summary>As the one who was connected to, at a port for processes of one role.</summary>
    /// <exception cref="HandshakeException">One of the sides refused.</exception>
    public static async Task<PeerIdentity> AcceptAsync(Stream stream, ConnectionSettings settings, PeerRole role, CancellationToken cancellationToken)
    {
        try
        {
            var hello = await ReadAsync(stream, cancellationToken);
            var peer = ReadHello(hello, settings, role);
            var challenge = WriteChallenge(settings);
            await stream.WriteAsync(challenge, cancellationToken);
            var proof = await ReadAsync(stream, cancellationToken);
            ReadProof(proof, FrameKind.Proof, Prove(settings, DiallerLabel, hello, challenge));
            await stream.WriteAsync(WriteProof(FrameKind.Welcome, Prove(settings, ListenerLabel, hello, challenge)), cancellationToken);
            return peer;
        }
        catch (HandshakeException refusal) when (refusal.IsOurs && refusal.Reason is not (RefusalReason.Garbage or RefusalReason.Oversized or RefusalReason.Tls))
        {
            // Whoever speaks the protocol is told why; what sends garbage gets nothing.
            await stream.WriteAsync(WriteRefusal(refusal), cancellationToken);
            throw;
        }
    }

    /// <summary>Tells whoever connected why it is refused, and throws that.</summary>
    public static async Task RefuseAsync(Stream stream, HandshakeException refusal, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(WriteRefusal(refusal), cancellationToken);
        throw refusal;
    }

    private static byte[] WriteHello(ConnectionSettings settings, SiloAddress wanted)
    {
        var frame = FrameWriter.Rent(FrameKind.Hello);
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, Magic);
        frame.WriteBytes(magic);
        frame.WriteVarint(ConnectionSettings.OldestVersion);
        frame.WriteVarint(ConnectionSettings.Version);
        frame.WriteByte((byte)settings.Self.Role);
        frame.WriteText(settings.ClusterId);
        frame.WriteText(settings.ServiceId);
        frame.WriteText(settings.Self.ProcessId);
        frame.WriteText(wanted.ToParsableString());
        frame.WriteBytes(RandomNumberGenerator.GetBytes(NonceSize));
        return Take(frame);
    }

    private static PeerIdentity ReadHello(byte[] frame, ConnectionSettings settings, PeerRole role)
    {
        var reader = Open(frame, FrameKind.Hello);
        if (BinaryPrimitives.ReadUInt32LittleEndian(reader.ReadBytes(sizeof(uint))) != Magic) throw Garbage();
        var oldest = reader.ReadVarint();
        var newest = reader.ReadVarint();
        if (newest < ConnectionSettings.OldestVersion || oldest > ConnectionSettings.Version)
        {
            throw new HandshakeException(
                RefusalReason.OtherVersion, $"It speaks versions {oldest} to {newest} of the protocol, this process {ConnectionSettings.OldestVersion} to {ConnectionSettings.Version}.");
        }

        var itsRole = (PeerRole)reader.ReadByte();
        CheckCluster(reader.ReadText(), reader.ReadText(), settings);
        var peer = PeerIdentity.TryParse(itsRole, reader.ReadText()) ?? throw Garbage();
        var wanted = reader.ReadText();
        reader.ReadBytes(NonceSize);
        if (itsRole != role)
            throw new HandshakeException(RefusalReason.WrongPort, $"This port is for {(role == PeerRole.Silo ? "silos" : "clients")}, and {peer} came.");
        if (wanted != settings.Self.ProcessId)
            throw new HandshakeException(RefusalReason.OtherSilo, $"{peer} looks for silo {wanted}; this is {settings.Self.ProcessId}.");
        return peer;
    }

    private static byte[] WriteChallenge(ConnectionSettings settings)
    {
        var frame = FrameWriter.Rent(FrameKind.Challenge);
        frame.WriteVarint(ConnectionSettings.Version);
        frame.WriteText(settings.ClusterId);
        frame.WriteText(settings.ServiceId);
        frame.WriteText(settings.Self.ProcessId);
        frame.WriteBytes(RandomNumberGenerator.GetBytes(NonceSize));
        return Take(frame);
    }

    private static void ReadChallenge(byte[] frame, ConnectionSettings settings, SiloAddress wanted)
    {
        var reader = Open(frame, FrameKind.Challenge);
        reader.ReadVarint();
        CheckCluster(reader.ReadText(), reader.ReadText(), settings);
        var processId = reader.ReadText();
        reader.ReadBytes(NonceSize);
        if (processId != wanted.ToParsableString())
            throw new HandshakeException(RefusalReason.OtherSilo, $"Silo {processId} answers in the place of {wanted}.");
    }

    private static void CheckCluster(string clusterId, string serviceId, ConnectionSettings settings)
    {
        if (clusterId == settings.ClusterId && serviceId == settings.ServiceId) return;
        throw new HandshakeException(
            RefusalReason.OtherCluster, $"It belongs to cluster \"{clusterId}\" of service \"{serviceId}\", this process to cluster \"{settings.ClusterId}\" of service \"{settings.ServiceId}\".");
    }

    private static byte[] WriteProof(FrameKind kind, byte[] proof)
    {
        var frame = FrameWriter.Rent(kind);
        frame.WriteBytes(proof);
        return Take(frame);
    }

    private static void ReadProof(byte[] frame, FrameKind kind, byte[] expected)
    {
        var reader = Open(frame, kind);
        if (!CryptographicOperations.FixedTimeEquals(reader.Rest, expected))
            throw new HandshakeException(RefusalReason.WrongSecret, "It does not know this cluster's secret (Cluster:Secret).");
    }

    private static byte[] Prove(ConnectionSettings settings, ReadOnlySpan<byte> label, byte[] hello, byte[] challenge)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, settings.Secret);
        hmac.AppendData(label);
        hmac.AppendData(hello);
        hmac.AppendData(challenge);
        return hmac.GetHashAndReset();
    }

    private static byte[] WriteRefusal(HandshakeException refusal)
    {
        var frame = FrameWriter.Rent(FrameKind.Refusal);
        frame.WriteByte((byte)refusal.Reason);
        frame.WriteText(refusal.Message);
        return Take(frame);
    }

    /// <summary>One whole frame, header included.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[FrameWriter.HeaderSize];
        await ReadExactlyAsync(stream, header, cancellationToken);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 1 or > FrameMax)
        {
            if (header[0] is TlsAlert or TlsHandshake && header[1] == TlsMajor)
                throw new HandshakeException(RefusalReason.Tls, "It uses TLS, and this process does not: name a certificate here (Cluster:Tls:Certificate).");

            // A length with text in it is no length at all: somebody speaks another protocol.
            throw header[..4].All(letter => letter is >= 0x20 and < 0x7F)
                ? Garbage()
                : new HandshakeException(RefusalReason.Oversized, $"Its first frame would have {length} bytes; at most {FrameMax} are allowed.");
        }

        if (header[4] is < (byte)FrameKind.Hello or > (byte)FrameKind.Refusal) throw Garbage();
        var frame = new byte[sizeof(int) + length];
        header.CopyTo(frame, 0);
        await ReadExactlyAsync(stream, frame.AsMemory(FrameWriter.HeaderSize), cancellationToken);
        return frame;
    }

    private static async Task ReadExactlyAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await stream.ReadExactlyAsync(buffer, cancellationToken);
        }
        catch (EndOfStreamException end)
        {
            throw new HandshakeException(RefusalReason.Silent, "It closed the connection before the handshake was done.", end);
        }
    }

    private static FrameReader Open(byte[] frame, FrameKind kind)
    {
        var reader = new FrameReader(frame.AsSpan(FrameWriter.HeaderSize));
        if (frame[sizeof(int)] == (byte)kind) return reader;
        if (frame[sizeof(int)] != (byte)FrameKind.Refusal) throw Garbage();
        var reason = (RefusalReason)reader.ReadByte();
        throw new HandshakeException(reason, reader.ReadText()) { IsOurs = false };
    }

    private static HandshakeException Garbage() => new(RefusalReason.Garbage, "What it sent is no handshake of this protocol.");

    private static byte[] Take(FrameWriter frame)
    {
        var bytes = frame.Finish().ToArray();
        frame.Return();
        return bytes;
    }
}
