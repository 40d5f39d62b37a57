using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>The platform's exceptions that arrive as what they are. Messages name them by their full names.</summary>
[SuppressMessage("Usage", "CA2201", Justification = "They are made again, where they were thrown elsewhere.")]
internal static class KnownExceptions
{
    private static readonly FrozenDictionary<string, Func<string?, Exception>> ByName = new (Type Type, Func<string?, Exception> Make)[]
    {
        Known(static _ => new Exception()),
        Known(static _ => new AggregateException()),
        Known(static name => new ArgumentException(null, name)),
        Known(static name => new ArgumentNullException(name)),
        Known(static name => new ArgumentOutOfRangeException(name)),
        Known(static _ => new ArithmeticException()),
        Known(static _ => new ApplicationException()),
        Known(static _ => new ArrayTypeMismatchException()),
        Known(static _ => new BadImageFormatException()),
        Known(static _ => new DivideByZeroException()),
        Known(static _ => new FormatException()),
        Known(static _ => new IndexOutOfRangeException()),
        Known(static _ => new InsufficientMemoryException()),
        Known(static _ => new InvalidCastException()),
        Known(static _ => new InvalidOperationException()),
        Known(static _ => new InvalidTimeZoneException()),
        Known(static _ => new KeyNotFoundException()),
        Known(static _ => new NotSupportedException()),
        Known(static _ => new NullReferenceException()),
        Known(static name => new ObjectDisposedException(name)),
        Known(static _ => new OperationCanceledException()),
        Known(static _ => new OutOfMemoryException()),
        Known(static _ => new OverflowException()),
        Known(static _ => new PlatformNotSupportedException()),
        Known(static _ => new RankException()),
        Known(static _ => new TaskCanceledException()),
        Known(static _ => new TimeoutException()),
        Known(static _ => new TimeZoneNotFoundException()),
        Known(static _ => new UnauthorizedAccessException()),
        Known(static _ => new UriFormatException()),
        Known(static _ => new System.Diagnostics.UnreachableException()),
        Known(static _ => new System.IO.IOException()),
        Known(static _ => new System.IO.EndOfStreamException()),
        Known(static _ => new System.IO.FileNotFoundException()),
        Known(static _ => new System.IO.DirectoryNotFoundException()),
        Known(static _ => new System.IO.InvalidDataException()),
        Known(static _ => new System.IO.PathTooLongException()),
        Known(static _ => new System.Net.Http.HttpRequestException()),
        Known(static _ => new System.Security.SecurityException()),
        Known(static _ => new System.Security.Authentication.AuthenticationException()),
        Known(static _ => new System.Security.Cryptography.CryptographicException()),
        Known(static _ => new System.Text.Json.JsonException()),
        Known(static _ => new System.Threading.Channels.ChannelClosedException()),
        Known(static _ => new System.ComponentModel.DataAnnotations.ValidationException()),
    }.ToFrozenDictionary(known => known.Type.FullName!, known => known.Make, StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool Contains(Type type) => ByName.ContainsKey(type.FullName!) && type.Assembly != typeof(KnownExceptions).Assembly;

    /// <summary>An exception of a known type; null if it is not one.</summary>
    public static Exception? Make(string type, string? subject) => ByName.TryGetValue(type, out var make) ? make(subject) : null;

    /// <summary>What the exception is about, where its type has such a member.</summary>
    public static string? Subject(Exception exception) => exception switch
    {
        ArgumentException argument => argument.ParamName,
        ObjectDisposedException disposed => disposed.ObjectName,
        _ => null,
    };

    private static (Type Type, Func<string?, Exception> Make) Known<T>(Func<string?, T> make) where T : Exception => (typeof(T), make);
}
