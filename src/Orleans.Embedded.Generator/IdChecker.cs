using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>Finds numbers that two members of a type share.</summary>
internal static class IdChecker
{
    public static void Check(INamedTypeSymbol type, List<Finding> findings)
    {
        if (TypeReader.Attribute(type, "Orleans.GenerateSerializerAttribute") is null) return;
        var seen = new Dictionary<uint, ISymbol>();
        foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol or IPropertySymbol))
        {
            if (TypeReader.Attribute(member, "Orleans.IdAttribute")?.ConstructorArguments.FirstOrDefault().Value is not uint id) continue;
            if (seen.TryGetValue(id, out var other))
                findings.Add(Finding.At(member, Diagnostics.RepeatedId, type.Name, id.ToString(), other.Name, member.Name));
            else
                seen.Add(id, member);
        }
    }
}
