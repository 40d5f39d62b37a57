using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>Finds types in grain methods that could not cross between processes.</summary>
internal static class MessageChecker
{
    public static void Check(ITypeSymbol type, ISymbol place, string method, List<Finding> findings)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                Check(array.ElementType, place, method, findings);
                break;
            case INamedTypeSymbol named:
                foreach (var argument in named.TypeArguments) Check(argument, place, method, findings);
                if (!CanCross(named)) findings.Add(Finding.At(place, Diagnostics.NotSerializable, method, named.ToDisplayString()));
                break;
        }
    }

    private static bool CanCross(INamedTypeSymbol type)
    {
        if (type.SpecialType != SpecialType.None || type.IsTupleType) return true;
        if (type.TypeKind is TypeKind.Enum or TypeKind.Interface or TypeKind.Error or TypeKind.TypeParameter) return true;
        var definition = type.OriginalDefinition;
        return HasSerializer(definition) || IsOfPlatform(definition) || TypeReader.IsAddressable(definition);
    }

    private static bool HasSerializer(INamedTypeSymbol type) =>
        TypeReader.Attribute(type, "Orleans.GenerateSerializerAttribute") is not null;

    /// <summary>Types of the platform and of the engine have serialisers of their own.</summary>
    private static bool IsOfPlatform(INamedTypeSymbol type)
    {
        var assembly = type.ContainingAssembly?.Name ?? "";
        return assembly.StartsWith("System", System.StringComparison.Ordinal) || assembly.StartsWith("Microsoft.", System.StringComparison.Ordinal)
            || assembly is "mscorlib" or "netstandard" or "Orleans.Embedded";
    }
}
