using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Orleans.Embedded.Generator;

/// <summary>Reads a type with <c>[GenerateSerializer]</c>.</summary>
internal static class MessageReader
{
    /// <summary>Members without a number of their own: those of a record's constructor, by position, and those numbered by their names.</summary>
    private const uint FirstOfConstructor = 1u << 30;
    private const uint FirstOfNames = 1u << 29;

    public static MessageModel? Read(INamedTypeSymbol type, List<Finding> findings)
    {
        if (!IsNameable(type, findings)) return null;
        var before = findings.Count;
        var levels = new List<(INamedTypeSymbol Type, List<(ISymbol Symbol, MemberModel Model)> Members)>();
        if (type.TypeKind != TypeKind.Enum)
        {
            for (var level = type; level is not null; level = level.BaseType)
            {
                if (!MessageChecker.HasSerializer(level)) continue;
                var own = SymbolEqualityComparer.Default.Equals(level, type);
                levels.Add((level, Members(level, type.ContainingAssembly, own ? findings : []).ToList()));
            }
        }

        if (findings.Count > before) return null;
        var hasCodec = type.TypeKind is TypeKind.Class or TypeKind.Struct && !type.IsAbstract;
        var making = (Making.Default, new List<ConstructorArgument>());
        if (hasCodec) making = MakingOf(type, levels.SelectMany(level => level.Members).ToList());
        var typeParameters = type.TypeParameters.Length > 0 ? $"<{string.Join(", ", type.TypeParameters.Select(parameter => parameter.Name))}>" : "";
        return new MessageModel(
            type.ToDisplayString(TypeReader.FullName),
            (type.IsGenericType ? type.ConstructUnboundGenericType() : type).ToDisplayString(TypeReader.FullName),
            TypeReader.SafeName(type) + (type.TypeParameters.Length > 0 ? $"_{type.TypeParameters.Length}" : ""),
            TypeReader.Text(TypeReader.Attribute(type, "Orleans.AliasAttribute")),
            hasCodec,
            type.IsValueType,
            typeParameters,
            type.TypeParameters.Length > 0 ? $"<{new string(',', type.TypeParameters.Length - 1)}>" : "",
            MethodReader.Constraints(type.TypeParameters),
            new EquatableList<LevelModel>(levels.Select(level => new LevelModel(
                level.Type.ToDisplayString(TypeReader.FullName), new EquatableList<MemberModel>(level.Members.Select(member => member.Model))))),
            making.Item1,
            new EquatableList<ConstructorArgument>(making.Item2));
    }

    private static bool IsNameable(INamedTypeSymbol type, List<Finding> findings)
    {
        var fault = !TypeReader.IsReachable(type) ? "is private: make it internal or public, so that generated code can name it"
            : type.IsStatic ? "is static"
            : type.IsRefLikeType ? "is a ref struct, which cannot leave the stack"
            : type.ContainingType is { IsGenericType: true } ? "stands within a generic type: move it out"
            : null;
        if (fault is not null) findings.Add(Finding.At(type, Diagnostics.NotRestorable, type.Name, fault));
        return fault is null;
    }

    private static IEnumerable<(ISymbol Symbol, MemberModel Model)> Members(INamedTypeSymbol level, IAssemblySymbol assembly, List<Finding> findings)
    {
        var options = TypeReader.Attribute(level, "Orleans.GenerateSerializerAttribute")!.NamedArguments;
        var byName = options.Any(option => option.Key == "GenerateFieldIds" && option.Value.Value is int and not 0);
        var byPosition = level.IsRecord && !options.Any(option => option.Key == "IncludePrimaryConstructorParameters" && option.Value.Value is false);
        var parameters = byPosition ? PrimaryParameters(level) : [];
        foreach (var member in level.GetMembers())
        {
            if (member.IsStatic || member is not (IFieldSymbol { IsImplicitlyDeclared: false } or IPropertySymbol { IsIndexer: false })) continue;
            var id = TypeReader.Attribute(member, "Orleans.IdAttribute")?.ConstructorArguments.FirstOrDefault().Value as uint?;
            if (id is null && member is IPropertySymbol property)
            {
                var position = parameters.FindIndex(parameter => parameter.Name == member.Name);
                if (position >= 0) id = FirstOfConstructor + (uint)position;
                else if (byName && property.DeclaredAccessibility == Accessibility.Public && property.GetMethod is not null && property.SetMethod is not null) id = FirstOfNames | (Hash(member.Name) >> 4);
            }

            if (id is { } number && Member(level, member, number, assembly, findings) is { } model) yield return (member, model);
        }
    }

    private static MemberModel? Member(INamedTypeSymbol level, ISymbol member, uint id, IAssemblySymbol assembly, List<Finding> findings)
    {
        var user = $"{level.Name}.{member.Name}";
        var name = SyntaxFacts.GetKeywordKind(member.Name) != SyntaxKind.None ? "@" + member.Name : member.Name;
        if (member is IFieldSymbol field)
        {
            MessageChecker.Check(field.Type, field, user, findings);
            var direct = IsAccessible(field, assembly);
            return new MemberModel(
                id, name, field.Type.ToDisplayString(TypeReader.FullName), direct ? Access.Direct : Access.Field,
                direct && !field.IsReadOnly ? Access.Direct : Access.Field, field.Name);
        }

        var property = (IPropertySymbol)member;
        MessageChecker.Check(property.Type, property, user, findings);
        var isOfSource = SymbolEqualityComparer.Default.Equals(level.ContainingAssembly, assembly);
        var isStored = !isOfSource || level.GetMembers().OfType<IFieldSymbol>().Any(candidate => SymbolEqualityComparer.Default.Equals(candidate.AssociatedSymbol, property));
        if ((property.GetMethod is null || property.SetMethod is null) && !isStored)
        {
            findings.Add(Finding.At(property, Diagnostics.NotRestorable, user, "has an [Id], but it cannot be read and set: give it a getter and a setter, which may be private or init"));
            return null;
        }

        var read = property.GetMethod is not { } getter ? Access.Field : IsAccessible(getter, assembly) ? Access.Direct : Access.Method;
        var write = property.SetMethod is not { } setter ? Access.Field : !setter.IsInitOnly && IsAccessible(setter, assembly) ? Access.Direct : Access.Method;
        return new MemberModel(id, name, property.Type.ToDisplayString(TypeReader.FullName), read, write, $"<{property.Name}>k__BackingField");
    }

    private static (Making, List<ConstructorArgument>) MakingOf(INamedTypeSymbol type, List<(ISymbol Symbol, MemberModel Model)> members)
    {
        var constructors = type.InstanceConstructors.Where(constructor => !constructor.IsImplicitlyDeclared || constructor.Parameters.Length == 0).ToList();
        if (type.IsValueType) return (constructors.Exists(constructor => constructor.Parameters.Length == 0 && !constructor.IsImplicitlyDeclared) ? Making.New : Making.Default, []);
        if (constructors.Find(constructor => constructor.Parameters.Length == 0) is { } simple) return (Way(simple, type), []);
        if (MessageChecker.IsException(type)) return (Making.Uninitialized, []);
        foreach (var constructor in constructors.OrderByDescending(constructor => constructor.Parameters.Length))
        {
            var arguments = constructor.Parameters.Select(parameter => Argument(parameter, members)).ToList();
            if (arguments.TrueForAll(argument => argument is not null)) return (Way(constructor, type), arguments.ConvertAll(argument => argument!));
        }

        return (Making.Uninitialized, []);
    }

    /// <summary>A parameter that is named and typed as a member is given that member.</summary>
    private static ConstructorArgument? Argument(IParameterSymbol parameter, List<(ISymbol Symbol, MemberModel Model)> members)
    {
        if (parameter.RefKind != RefKind.None) return null;
        var type = parameter.Type.ToDisplayString(TypeReader.FullName);
        var index = members.FindIndex(member => string.Equals(member.Symbol.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && member.Model.Type == type);
        if (index < 0) return null;
        var fallback = !parameter.HasExplicitDefaultValue || parameter.ExplicitDefaultValue is null ? null
            : parameter.Type.TypeKind == TypeKind.Enum ? $"({type})({parameter.ExplicitDefaultValue})"
            : parameter.Type.SpecialType == SpecialType.None ? null
            : $"({type}){SymbolDisplay.FormatPrimitive(parameter.ExplicitDefaultValue, quoteStrings: true, useHexadecimalNumbers: false)}";
        return new ConstructorArgument(index, type, fallback);
    }

    private static Making Way(IMethodSymbol constructor, INamedTypeSymbol type)
    {
        var asks = false;
        for (var level = type; level is not null; level = level.BaseType)
            asks |= level.GetMembers().Any(member => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });
        asks &= TypeReader.Attribute(constructor, "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute") is null;
        return !asks && IsAccessible(constructor, type.ContainingAssembly) ? Making.New : Making.Constructor;
    }

    /// <summary>The parameters of a record's own constructor: all of them are properties.</summary>
    private static List<IParameterSymbol> PrimaryParameters(INamedTypeSymbol type) => type.InstanceConstructors
        .Where(constructor => constructor.Parameters.Length > 0 && constructor.Parameters.All(parameter =>
            type.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any(property => SymbolEqualityComparer.Default.Equals(property.Type, parameter.Type))))
        .OrderByDescending(constructor => constructor.Parameters.Length)
        .Select(constructor => constructor.Parameters.ToList())
        .FirstOrDefault() ?? [];

    private static bool IsAccessible(ISymbol member, IAssemblySymbol assembly) =>
        member.DeclaredAccessibility == Accessibility.Public
        || (member.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal
            && SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, assembly));

    private static uint Hash(string name)
    {
        var hash = 2166136261;
        foreach (var c in name) hash = unchecked((hash ^ c) * 16777619);
        return hash;
    }
}
