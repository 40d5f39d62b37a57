using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>Reads what matters of a type declaration.</summary>
internal static class TypeReader
{
    public static readonly SymbolDisplayFormat FullName = SymbolDisplayFormat.FullyQualifiedFormat;

    private static readonly HashSet<string> Markers =
    [
        "Orleans.IGrain", "Orleans.IGrainWithStringKey", "Orleans.IGrainWithGuidKey", "Orleans.IGrainWithIntegerKey",
        "Orleans.IGrainWithGuidCompoundKey", "Orleans.IGrainWithIntegerCompoundKey", "Orleans.IGrainObserver", "Orleans.IRemindable",
        "Orleans.Runtime.IAddressable", "Orleans.Runtime.IGrainExtension",
    ];

    public static TypeModel? Read(INamedTypeSymbol type)
    {
        var findings = new List<Finding>();
        IdChecker.Check(type, findings);
        var grainInterface = type.TypeKind == TypeKind.Interface && IsAddressable(type) ? ReadInterface(type, findings) : null;
        var grainClass = type.TypeKind == TypeKind.Class && !type.IsAbstract && !type.IsStatic && IsGrainClass(type) ? ReadClass(type, findings) : null;
        var message = MessageChecker.HasSerializer(type) ? MessageReader.Read(type, findings) : null;
        return grainInterface is null && grainClass is null && message is null && findings.Count == 0
            ? null
            : new TypeModel(grainInterface, grainClass, message, new EquatableList<Finding>(findings));
    }

    public static bool Is(ITypeSymbol type, string name) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat) == name;

    public static bool IsAddressable(ITypeSymbol type) =>
        Is(type, "Orleans.Runtime.IAddressable") || type.AllInterfaces.Any(parent => Is(parent, "Orleans.Runtime.IAddressable"));

    public static AttributeData? Attribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } type && Is(type, name));

    public static string? Text(AttributeData? attribute) =>
        attribute?.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value as string : null;

    private static bool IsObserver(ITypeSymbol type) =>
        Is(type, "Orleans.IGrainObserver") || type.AllInterfaces.Any(parent => Is(parent, "Orleans.IGrainObserver"));

    private static bool IsGrainClass(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(parent => Is(parent, "Orleans.IGrain")) && !IsReference(type);

    private static bool IsReference(INamedTypeSymbol type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
            if (Is(parent, "Orleans.Runtime.GrainReference")) return true;
        return false;
    }

    private static InterfaceModel? ReadInterface(INamedTypeSymbol type, List<Finding> findings)
    {
        if (type.IsGenericType || type.ContainingType is { IsGenericType: true })
        {
            findings.Add(Finding.At(type, Diagnostics.Generic, type.Name));
            return null;
        }

        var before = findings.Count;
        var methods = new List<MethodModel>();
        foreach (var declaring in new[] { type }.Concat(type.AllInterfaces.Where(IsAddressable)))
        {
            foreach (var member in declaring.GetMembers())
            {
                // What a parent declares was reported at the parent.
                var report = SymbolEqualityComparer.Default.Equals(declaring, type) ? findings : [];
                if (MethodReader.Read(declaring, member, IsObserver(type), report) is { } method) methods.Add(method);
            }
        }

        return findings.Count > before || !IsReachable(type)
            ? null
            : new InterfaceModel(
                type.ToDisplayString(FullName), Text(Attribute(type, "Orleans.AliasAttribute")), SafeName(type), new EquatableList<MethodModel>(methods));
    }

    private static ClassModel? ReadClass(INamedTypeSymbol type, List<Finding> findings)
    {
        if (type.IsGenericType || type.ContainingType is { IsGenericType: true })
        {
            findings.Add(Finding.At(type, Diagnostics.Generic, type.Name));
            return null;
        }

        if (!IsReachable(type))
        {
            findings.Add(Finding.At(type, Diagnostics.NotConstructible, type.Name, "is private: make it internal or public"));
            return null;
        }

        var arguments = ConstructorReader.Read(type, findings);
        if (arguments is null) return null;
        var interfaces = type.AllInterfaces
            .Where(parent => IsAddressable(parent) && !Markers.Contains(parent.ToDisplayString()) && !parent.IsGenericType)
            .Select(parent => parent.ToDisplayString(FullName));
        return new ClassModel(type.ToDisplayString(FullName), SafeName(type), new EquatableList<string>(interfaces), new EquatableList<string>(arguments));
    }

    /// <summary>Whether generated code in the same assembly can name the type.</summary>
    public static bool IsReachable(INamedTypeSymbol type)
    {
        for (var part = type; part is not null; part = part.ContainingType)
        {
            if (part.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal)) return false;
            if (part.IsFileLocal) return false;
        }

        return true;
    }

    public static string SafeName(INamedTypeSymbol type) =>
        new(type.ToDisplayString(FullName).Replace("global::", "").Select(c => char.IsLetterOrDigit(c) ? c : '_').ToArray());
}
