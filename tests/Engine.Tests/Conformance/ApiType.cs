namespace Warroom.Engine.Tests.Conformance;

/// <summary>A type as its users see it: what is compared between the engine and the real Orleans. All types are written by their full names.</summary>
internal sealed record ApiType
{
    public required string Name { get; init; }

    /// <summary>The kind with its modifiers: "sealed class", "static class", "interface", "struct", "enum : Byte".</summary>
    public required string Kind { get; init; }

    public required string? Base { get; init; }

    public required IReadOnlyList<string> Interfaces { get; init; }

    /// <summary>Type parameters with variance and constraints, one text for all.</summary>
    public required string Generics { get; init; }

    /// <summary>What an attribute class may be put on; null when that is not said.</summary>
    public required string? AttributeUsage { get; init; }

    public required IReadOnlyList<ApiMember> Members { get; init; }
}

/// <summary>A member that users of the type can see, or that heirs can.</summary>
/// <param name="Name">Its name alone.</param>
/// <param name="Signature">Its declaration in full: names of parameters, defaults, constraints.</param>
/// <param name="Shape">What callers are compiled against: its types alone, type parameters by number.</param>
internal sealed record ApiMember(string Name, string Signature, string Shape);

/// <summary>A method that an assembly calls on a type of another.</summary>
internal sealed record UsedMember(string Type, string Name, string Shape);
