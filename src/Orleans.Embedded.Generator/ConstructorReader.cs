using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Orleans.Embedded.Generator;

/// <summary>Reads how a grain's object is made.</summary>
internal static class ConstructorReader
{
    /// <summary>One expression for each parameter, over a variable <c>c</c>; null if there is no constructor to call.</summary>
    public static List<string>? Read(INamedTypeSymbol type, List<Finding> findings)
    {
        var constructors = type.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal)
            .ToList();
        var chosen = constructors.Find(constructor =>
                TypeReader.Attribute(constructor, "Microsoft.Extensions.DependencyInjection.ActivatorUtilitiesConstructorAttribute") is not null)
            ?? constructors.OrderByDescending(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
                .ThenByDescending(constructor => constructor.Parameters.Length).FirstOrDefault();
        if (chosen is null)
        {
            findings.Add(Finding.At(type, Diagnostics.NotConstructible, type.Name, "has no public or internal constructor"));
            return null;
        }

        return chosen.Parameters.Select(Argument).ToList();
    }

    private static string Argument(IParameterSymbol parameter)
    {
        var type = parameter.Type.ToDisplayString(TypeReader.FullName);
        if (TypeReader.Attribute(parameter, "Orleans.Runtime.PersistentStateAttribute") is { } state
            && parameter.Type is INamedTypeSymbol { TypeArguments.Length: 1 } persistent)
        {
            var names = state.ConstructorArguments;
            var storage = names.Length > 1 ? names[1].ToCSharpString() : "null";
            return $"c.State<{persistent.TypeArguments[0].ToDisplayString(TypeReader.FullName)}>({names[0].ToCSharpString()}, {storage})";
        }

        if (TypeReader.Is(parameter.Type, "Orleans.Runtime.IGrainContext")) return "c.Context";
        if (TypeReader.Attribute(parameter, "Microsoft.Extensions.DependencyInjection.FromKeyedServicesAttribute") is { ConstructorArguments.Length: > 0 } keyed)
            return $"c.Keyed<{type}>({keyed.ConstructorArguments[0].ToCSharpString()})";
        if (!parameter.HasExplicitDefaultValue) return $"c.Required<{type}>()";
        var fallback = parameter.ExplicitDefaultValue is { } value && parameter.Type.TypeKind != TypeKind.Enum
            ? SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false)
            : parameter.ExplicitDefaultValue is { } number ? $"({type})({number})" : "default";
        return $"c.Optional<{type}>({fallback})";
    }
}
