using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>Finds types in grain methods and messages that could not cross between processes.</summary>
internal static class MessageChecker
{
    public static void Check(ITypeSymbol type, ISymbol place, string user, List<Finding> findings)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                if (array.Rank > 1) findings.Add(Finding.At(place, Diagnostics.NotSendable, user, array.ToDisplayString()));
                Check(array.ElementType, place, user, findings);
                break;
            case INamedTypeSymbol named:
                foreach (var argument in named.TypeArguments) Check(argument, place, user, findings);
                CheckNamed(named.OriginalDefinition, named, place, user, findings);
                break;
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                findings.Add(Finding.At(place, Diagnostics.NotSendable, user, type.ToDisplayString()));
                break;
        }
    }

    public static bool HasSerializer(INamedTypeSymbol type) => TypeReader.Attribute(type, "Orleans.GenerateSerializerAttribute") is not null;

    public static bool IsException(ITypeSymbol type)
    {
        for (var parent = type; parent is not null; parent = parent.BaseType)
            if (TypeReader.Is(parent, "System.Exception")) return true;
        return false;
    }

    private static void CheckNamed(INamedTypeSymbol definition, INamedTypeSymbol type, ISymbol place, string user, List<Finding> findings)
    {
        if (definition.TypeKind is TypeKind.Enum or TypeKind.Error || definition.IsTupleType) return;
        if (WireTypes.Contains(definition) || HasSerializer(definition) || TypeReader.IsAddressable(definition)) return;
        var ofPlatform = IsOfPlatform(definition);
        if (definition.TypeKind == TypeKind.Interface && !ofPlatform) return;
        if (ofPlatform && IsException(definition)) return;
        var cannot = ofPlatform || definition.TypeKind == TypeKind.Delegate || definition.IsRefLikeType;
        findings.Add(Finding.At(place, cannot ? Diagnostics.NotSendable : Diagnostics.NotSerializable, user, type.ToDisplayString()));
    }

    private static bool IsOfPlatform(INamedTypeSymbol type)
    {
        var assembly = type.ContainingAssembly?.Name ?? "";
        return assembly.StartsWith("System", System.StringComparison.Ordinal) || assembly.StartsWith("Microsoft.", System.StringComparison.Ordinal)
            || assembly is "mscorlib" or "netstandard" or "Orleans.Embedded";
    }
}
