namespace Orleans.Embedded.Hosting;

/// <summary>The database provider that the engine speaks to.</summary>
internal static class Invariants
{
    public const string Refusal = "The embedded engine speaks to PostgreSQL alone: set Invariant to \"Npgsql\".";

    public static bool IsNpgsql(string invariant) => string.Equals(invariant, "Npgsql", StringComparison.OrdinalIgnoreCase);
}
