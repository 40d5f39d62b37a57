using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.References;
using Orleans.Embedded.Sequences;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>
/// The one format between processes. Values are written in one pass into the output; if writing throws, what was written so far is worthless
/// and the caller cuts it off.
/// </summary>
internal sealed class WireSerializer(GrainMap grains, Func<ReferenceFactory> factory) : IWireSerializer
{
    internal WireTypes Types => grains.WireTypes;

    internal ReferenceFactory References => factory();

    public void Write<T>(IBufferWriter<byte> output, T value)
    {
        var writer = new WireWriter(output, Types);
        Wire<T>.Codec.WriteItem(ref writer, value);
        writer.Flush();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a constructor or setter says to strange values: the bytes are wrong.")]
    public T Read<T>(ReadOnlySpan<byte> input)
    {
        try
        {
            var reader = new WireReader(input, this);
            var value = Wire<T>.Codec.ReadItem(ref reader);
            reader.RequireEnd();
            return value;
        }
        catch (Exception exception) when (exception is not WireFormatException)
        {
            throw new WireFormatException($"A {typeof(T)} cannot be made of these bytes: {exception.Message}", exception);
        }
    }

    public void WriteCall(IBufferWriter<byte> output, GrainRequest request)
    {
        var writer = new WireWriter(output, Types);
        writer.Bytes(request.MethodInfo.WireName);
        foreach (var type in request.TypeArguments) Types.WriteType(ref writer, type);
        writer.Enter();
        request.WriteArguments(ref writer);
        writer.End();
        writer.Flush();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a constructor or setter says to strange values: the bytes are wrong.")]
    public GrainRequest ReadCall(ReadOnlySpan<byte> input)
    {
        try
        {
            var reader = new WireReader(input, this);
            var name = reader.Bytes();
            var method = Types.FindRequest(name);
            if (method is null) WireReader.Fail($"this process has no grain method \"{Encoding.UTF8.GetString(name[..Math.Min(name.Length, 200)])}\"");
            var request = method.Make(method.TypeParameterCount == 0 ? [] : ReadTypeArguments(ref reader, method.TypeParameterCount));
            reader.Enter();
            request.ReadArguments(ref reader);
            reader.RequireEnd();
            if (request.IsCancellable || request is IGrainSequence) request.PrepareCancellation(default);
            return request;
        }
        catch (Exception exception) when (exception is not WireFormatException)
        {
            throw new WireFormatException($"A call cannot be made of these bytes: {exception.Message}", exception);
        }
    }

    private static Type[] ReadTypeArguments(ref WireReader reader, int count)
    {
        var types = new Type[count];
        for (var i = 0; i < count; i++) types[i] = reader.Serializer.Types.ReadType(ref reader);
        return types;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The caller gets at least type and text of the exception, also where its members cannot be sent.")]
    public void WriteException(IBufferWriter<byte> output, Exception exception)
    {
        var whole = new ArrayBufferWriter<byte>();
        try
        {
            Write(whole, exception);
        }
        catch (Exception unsendable)
        {
            whole.ResetWrittenCount();
            Write<Exception>(whole, ExceptionText.Replacement(exception, unsendable));
        }

        output.Write(whole.WrittenSpan);
    }

    public Exception ReadException(ReadOnlySpan<byte> input) =>
        Read<Exception?>(input) ?? throw new WireFormatException("These bytes are no message of this engine: an exception is null.");
}
