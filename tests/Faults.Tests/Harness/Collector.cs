using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Warroom.Faults.Harness;

/// <summary>
/// Has another .NET process collect its garbage, all generations, as dotnet-gcdump does: over the diagnostics socket that each has, by a trace session with the keyword that asks for it
/// (https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md). Without it nobody can tell what a process needs from what it has not yet given back, and a task that failed
/// unseen is not reported.
/// </summary>
internal static class Collector
{
    private const byte Traces = 2;
    private const byte StopTracing = 1;
    private const byte CollectTracing2 = 3;
    private const byte Server = 0xFF;
    private const int HeaderLength = 20;
    private const ulong HeapCollectKeyword = 0x800000;
    private static readonly byte[] Magic = "DOTNET_IPC_V1\0"u8.ToArray();

    /// <summary>Asks for it; returns when the process has said that it began. It stands still for it, so whatever it answers next comes after it.</summary>
    public static async Task CollectAsync(int processId)
    {
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{processId}-*-socket").MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new InvalidOperationException($"Process {processId} has no diagnostics socket.");
        using var session = await ConnectAsync(path);
        var id = await AskAsync(session, CollectTracing2, Session());
        var reading = DrainAsync(session);
        using (var other = await ConnectAsync(path))
            await AskAsync(other, StopTracing, BitConverter.GetBytes(id));
        await reading;
    }

    private static async Task<NetworkStream> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return new(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A buffer of 1 MiB in format NetTrace, no rundown, one provider.
    private static byte[] Session()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(1);
        writer.Write(1);
        writer.Write(false);
        writer.Write(1);
        writer.Write(HeapCollectKeyword);
        writer.Write(4);
        WriteText(writer, "Microsoft-Windows-DotNETRuntime");
        WriteText(writer, "");
        return memory.ToArray();
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        writer.Write(text.Length + 1);
        writer.Write(Encoding.Unicode.GetBytes($"{text}\0"));
    }

    private static async Task<ulong> AskAsync(NetworkStream stream, byte command, byte[] payload)
    {
        var message = new byte[HeaderLength + payload.Length];
        Magic.CopyTo(message, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = Traces;
        message[17] = command;
        payload.CopyTo(message, HeaderLength);
        await stream.WriteAsync(message);

        var answer = new byte[HeaderLength + sizeof(ulong)];
        await stream.ReadExactlyAsync(answer.AsMemory(0, HeaderLength));
        var rest = answer.AsMemory(HeaderLength, BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(14)) - HeaderLength);
        await stream.ReadExactlyAsync(rest);
        return answer[16] == Server && answer[17] == 0
            ? BinaryPrimitives.ReadUInt64LittleEndian(rest.Span)
            : throw new InvalidOperationException($"The runtime refused command {command}: {Convert.ToHexString(answer)}");
    }

    // The trace itself is of no interest; it ends when the session does.
    private static async Task DrainAsync(NetworkStream stream)
    {
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }
}
