namespace Warroom.Frontend.Hosting;

/// <summary>Checks what a query says about a page.</summary>
internal static class Limits
{
    public static int Limit(int? limit, int byDefault, int max) => limit is null or >= 1 && (limit ?? byDefault) <= max
        ? limit ?? byDefault
        : throw new DomainException(RefusalKind.Invalid, "request.bad_limit", $"limit must be 1 to {max}, not {limit}.");

    public static int Offset(int? offset) => offset is null or (>= 0 and <= 1_000_000)
        ? offset ?? 0
        : throw new DomainException(RefusalKind.Invalid, "request.bad_offset", $"offset must be 0 to 1000000, not {offset}.");

    public static long After(long? after) => after is null or >= 0
        ? after ?? 0
        : throw new DomainException(RefusalKind.Invalid, "request.bad_after", $"after must be 0 or more, not {after}.");
}
