using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>
/// Exceptions. A type of a manifest arrives with its members, one of <see cref="KnownExceptions"/> as what it is, and any other as
/// <see cref="OrleansException"/> with the original's type and text: no type is made because a message names it.
/// </summary>
internal sealed class ExceptionCodec<T>() : WireCodec<T>(WireKind.Object) where T : Exception
{
    private protected override void WritePayload(ref WireWriter writer, T value)
    {
        writer.Enter();
        ExceptionParts.Write(ref writer, value, 0);
        writer.Leave();
    }

    private protected override T ReadPayload(ref WireReader reader, WireKind kind)
    {
        WireReader.Expect(kind, WireKind.Object);
        reader.Enter();
        var exception = ExceptionParts.Read(ref reader);
        reader.Leave();
        if (exception is not T) WireReader.Fail($"a {exception.GetType()} stands where a {typeof(T)} belongs");
        return (T)exception;
    }
}

/// <summary>The members of exceptions as messages have them.</summary>
internal static class ExceptionParts
{
    private const uint Type = 0;
    private const uint Text = 1;
    private const uint StackTrace = 2;
    private const uint Inner = 3;
    private const uint Inners = 4;
    private const uint Members = 5;
    private const uint Subject = 6;
    private const uint Shown = 7;

    /// <summary>How many causes behind causes, and how many beside each other, are sent.</summary>
    private const int CausesMax = 16;

    public static void Write(ref WireWriter writer, Exception exception, int depth)
    {
        var type = exception.GetType();
        var listed = writer.Types.OfException(type);
        var raw = ExceptionText.Raw(exception);
        var shown = ExceptionText.Shown(exception);
        Wire<string>.Codec.WriteField(ref writer, Type, listed?.Text ?? type.FullName ?? type.Name);
        Wire<string?>.Codec.WriteField(ref writer, Text, raw);
        Wire<string?>.Codec.WriteField(ref writer, StackTrace, ExceptionText.Trace(exception));
        if (shown != raw) Wire<string>.Codec.WriteField(ref writer, Shown, shown);
        if (KnownExceptions.Subject(exception) is { } subject) Wire<string>.Codec.WriteField(ref writer, Subject, subject);
        if (exception is AggregateException aggregate) WriteInners(ref writer, aggregate, depth);
        else if (exception.InnerException is { } inner && depth < CausesMax) WriteInner(ref writer, Inner, inner, depth);
        if (listed is not null)
        {
            writer.Tag(Members, WireKind.List);
            writer.Varint(1);
            listed.Codec.WriteObject(ref writer, exception);
        }

        writer.End();
    }

    public static Exception Read(ref WireReader reader)
    {
        string? type = null, text = null, stackTrace = null, subject = null, shown = null;
        Exception? inner = null, made = null;
        List<Exception>? inners = null;
        while (reader.Tag(out var id, out var kind))
        {
            switch (id)
            {
                case Type:
                    type = Wire<string?>.Codec.Read(ref reader, kind);
                    break;
                case Text:
                    text = Wire<string?>.Codec.Read(ref reader, kind);
                    break;
                case StackTrace:
                    stackTrace = Wire<string?>.Codec.Read(ref reader, kind);
                    break;
                case Inner:
                    inner = Wire<Exception?>.Codec.Read(ref reader, kind);
                    break;
                case Inners:
                    if (Wire<Exception?>.Codec.Read(ref reader, kind) is { } one) (inners ??= []).Add(one);
                    break;
                case Members:
                    made = ReadMembers(ref reader, type, kind) ?? made;
                    break;
                case Subject:
                    subject = Wire<string?>.Codec.Read(ref reader, kind);
                    break;
                case Shown:
                    shown = Wire<string?>.Codec.Read(ref reader, kind);
                    break;
                default:
                    reader.Skip(kind);
                    break;
            }
        }

        if (type is null) WireReader.Fail("an exception has no type");
        return Make(type, made, text, shown, subject, inner, inners, stackTrace);
    }

    private static Exception Make(
        string type, Exception? made, string? text, string? shown, string? subject, Exception? inner, List<Exception>? inners, string? stackTrace)
    {
        var exception = made ?? (inners is not null && type == typeof(AggregateException).FullName ? new AggregateException(inners) : KnownExceptions.Make(type, subject));
        if (exception is null)
        {
            exception = new OrleansException();
            text = ExceptionText.Foreign(type, shown ?? text ?? "");
            inner ??= inners?[0];
        }

        // An exception that came to a caller says nothing of the caller's own state.
        if (exception is InconsistentStateException inconsistent) inconsistent.IsOfThisActivation = false;
        ExceptionText.Restore(exception, text, inner ?? exception.InnerException, stackTrace);
        return exception;
    }

    /// <summary>Only a name of a manifest, and only if it is an exception's, makes an object.</summary>
    private static Exception? ReadMembers(ref WireReader reader, string? type, WireKind kind)
    {
        var codec = type is null ? null : reader.Serializer.Types.FindException(type);
        if (codec is null || kind != WireKind.List)
        {
            reader.Skip(kind);
            return null;
        }

        if (reader.Count() != 1) WireReader.Fail("an exception has several sets of members");
        return (Exception?)codec.ReadObject(ref reader);
    }

    private static void WriteInners(ref WireWriter writer, AggregateException aggregate, int depth)
    {
        if (depth >= CausesMax) return;
        foreach (var inner in aggregate.InnerExceptions.Take(CausesMax)) WriteInner(ref writer, Inners, inner, depth);
    }

    private static void WriteInner(ref WireWriter writer, uint id, Exception inner, int depth)
    {
        writer.Tag(id, WireKind.Object);
        writer.Enter();
        Write(ref writer, inner, depth + 1);
        writer.Leave();
    }
}
