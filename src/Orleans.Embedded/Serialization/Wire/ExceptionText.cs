using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>The parts of exceptions that have no setters, and how exceptions look whose types do not travel.</summary>
internal static class ExceptionText
{
    private const int LengthMax = 32 * 1024;

    /// <summary>COR_E_EXCEPTION, which the constructor of <see cref="Exception"/> sets.</summary>
    private const int UnspecifiedFailure = unchecked((int)0x80131500);

    /// <summary>The text as it was given, without what <see cref="Exception.Message"/> of some types puts behind it.</summary>
    public static string? Raw(Exception exception) => Cut(Message(exception));

    public static void Restore(Exception exception, string? message, Exception? inner, string? stackTrace)
    {
        Message(exception) = message;
        Inner(exception) = inner;
        if (exception.HResult == 0) exception.HResult = UnspecifiedFailure;
        if (!string.IsNullOrEmpty(stackTrace)) System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetRemoteStackTrace(exception, stackTrace);
    }

    [SuppressMessage("Design", "CA1031", Justification = "A property of somebody's exception may throw; its text is then that it did.")]
    public static string Shown(Exception exception)
    {
        try
        {
            return Cut(exception.Message)!;
        }
        catch (Exception failure)
        {
            return $"(its message cannot be read: {failure.GetType()})";
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "As above.")]
    public static string? Trace(Exception exception)
    {
        try
        {
            return Cut(exception.StackTrace);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public static string Foreign(string type, string message) => $"{type}: {message}";

    /// <summary>What is sent for an exception that cannot be sent.</summary>
    public static OrleansException Replacement(Exception exception, Exception unsendable)
    {
        var replacement = new OrleansException($"{Foreign(exception.GetType().FullName!, Shown(exception))} (sent as text only: {unsendable.Message})");
        if (Trace(exception) is { Length: > 0 } trace) System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetRemoteStackTrace(replacement, trace);
        return replacement;
    }

    private static string? Cut(string? text) => text is { Length: > LengthMax } ? string.Concat(text.AsSpan(0, LengthMax), " ...") : text;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception exception);
}
