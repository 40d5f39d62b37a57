using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Warroom.Frontend.Errors;

/// <summary>Says in a sentence what was wrong with a request that could not be read.</summary>
internal static partial class BadRequests
{
    /// <summary>The most that a request's body may have, in bytes.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    /// <summary>The same for messages of alert sources, in bytes: 1,000 alerts with all that they say. A source that is refused drops what it has to say, and it has most to say in the worst minute.</summary>
    public const int WebhookBytesMax = 16 * 1024 * 1024;

    public static Refusal TooLarge { get; } =
        new(StatusCodes.Status413PayloadTooLarge, "request.too_large", "The body is larger than 1 MiB (16 MiB for messages of alert sources). Send less, or in several requests.");

    /// <summary>Whether a request is a message of an alert source.</summary>
    public static bool IsWebhook(PathString path) => path.StartsWithSegments("/api/webhooks", StringComparison.OrdinalIgnoreCase);

    public static Refusal Explain(BadHttpRequestException exception, Type? bodyType) => exception switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => MediaType,
        { InnerException: JsonException json } => Explain(json, bodyType),
        { StatusCode: StatusCodes.Status408RequestTimeout } => new(StatusCodes.Status408RequestTimeout, "request.too_slow", "The request came too slowly. Send it again."),
        _ when Binding().Match(exception.Message) is { Success: true } binding =>
            Invalid("request.bad_parameter", $"{binding.Groups["name"].Value}: \"{binding.Groups["value"].Value}\" does not fit; expected {Expected(binding.Groups["type"].Value)}."),
        _ when exception.Message.Contains("body", StringComparison.Ordinal) => Invalid("request.body_required", "The body is missing. Send a JSON object."),
        _ => Invalid("request.malformed", "The request is not well-formed."),
    };

    public static Refusal MediaType { get; } =
        new(StatusCodes.Status415UnsupportedMediaType, "request.unsupported_media_type", "Send the body as JSON, with the header Content-Type: application/json.");

    public static Refusal Explain(JsonException exception, Type? bodyType)
    {
        if (Member().Match(exception.Path ?? "") is { Success: true } member && FindMember(bodyType, member.Groups["name"].Value) is { } type)
        {
            return Invalid("request.bad_value", $"{member.Groups["name"].Value} must be {Expected(type)}.");
        }

        return exception.Path is { Length: > 1 } path
            ? Invalid("request.bad_value", $"{path[2..]}: the value does not fit.")
            : Invalid("request.bad_json", $"The body is not well-formed JSON: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
    }

    /// <summary>The names of an enum on the wire, as the end of "must be ...".</summary>
    public static string OneOf(Type enumeration) => $"one of {string.Join(", ", Names(enumeration))}";

    private static Refusal Invalid(string code, string sentence) => new(StatusCodes.Status400BadRequest, code, sentence);

    private static IEnumerable<string> Names(Type enumeration) => enumeration.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name));

    private static Type? FindMember(Type? type, string wireName)
    {
        var property = type?.GetProperties(BindingFlags.Public | BindingFlags.Instance).FirstOrDefault(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name) == wireName);
        return property is null ? null : Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
    }

    private static string Expected(Type type) => type switch
    {
        { IsEnum: true } => OneOf(type),
        _ when type == typeof(string) => "a text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(DateTimeOffset) => "a time such as 2026-11-20T12:00:00Z",
        _ when type == typeof(Guid) => "a UUID",
        _ when type == typeof(ImmutableArray<string>) => "a list of texts",
        _ => "of another kind",
    };

    private static string Expected(string typeName) => typeName switch
    {
        _ when typeName.Contains("int", StringComparison.OrdinalIgnoreCase) || typeName.Contains("long", StringComparison.Ordinal) => "a whole number",
        _ when typeName.Contains("Guid", StringComparison.Ordinal) => "a UUID",
        _ => "another value",
    };

    // The framework's "Failed to bind parameter "Nullable<int> limit" from "abc"."; a wording that differs falls through to the plain sentence.
    [GeneratedRegex("""^Failed to bind parameter "(?<type>\S+) (?<name>\w+)" from "(?<value>.{0,100})"\.$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Binding();

    [GeneratedRegex(@"^\$\.(?<name>\w+)(\[\d+\])?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Member();
}
