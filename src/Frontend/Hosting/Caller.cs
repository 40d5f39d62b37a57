namespace Warroom.Frontend.Hosting;

/// <summary>Who gives a command, and under which operation id: the headers <c>X-Warroom-Actor</c> and <c>Idempotency-Key</c>.</summary>
/// <param name="OperationId">The client's, or one made here (then a resend is a second effect).</param>
/// <param name="By">The person. Until identity arrives that is what the client says.</param>
public sealed record Caller(Guid OperationId, Author By)
{
    /// <summary>Who acts when nobody says.</summary>
    public const string DefaultName = "responder";

    private static readonly object Key = new();

    /// <summary>Reads it from a request; minimal APIs call this.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var caller = new Caller(Operation(context), new Author { Kind = AuthorKind.Person, Name = Actor(context.Request.Headers["X-Warroom-Actor"]) });
        context.Items[Key] = caller;
        return ValueTask.FromResult(caller);
    }

    /// <summary>The operation id that a request was given, if it is a command.</summary>
    public static Guid? OperationOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (context.Items[Key] as Caller)?.OperationId;
    }

    /// <summary>The name in a header or a query parameter.</summary>
    public static string Actor(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return DefaultName;
        }

        var name = Uri.UnescapeDataString(value).Trim();
        return name.Length is > 0 and <= Author.NameLengthMax && !name.Any(char.IsControl)
            ? name
            : throw new DomainException(RefusalKind.Invalid, "request.bad_actor", $"The actor's name has 1 to {Author.NameLengthMax} characters and no control characters.");
    }

    private static Guid Operation(HttpContext context)
    {
        var header = context.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
        {
            return Guid.CreateVersion7(context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        }

        return Guid.TryParseExact(header.ToString(), "D", out var id) && id != Guid.Empty
            ? id
            : throw new DomainException(RefusalKind.Invalid, "request.bad_idempotency_key", "Idempotency-Key must be a UUID, 36 characters, such as 0198c2f0-3a5e-7b1c-9d2e-4f60718293a4.");
    }
}
