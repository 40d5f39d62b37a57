using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Orleans.Embedded.Generator;

/// <summary>Reads a method of a grain interface.</summary>
internal static class MethodReader
{
    private const int OneWay = 1;
    private const int ReadOnly = 2;
    private const int AlwaysInterleave = 4;

    public static MethodModel? Read(INamedTypeSymbol declaring, ISymbol member, bool observer, List<Finding> findings)
    {
        if (member is not IMethodSymbol method)
        {
            if (member is not ITypeSymbol and not IFieldSymbol) findings.Add(Finding.At(member, Diagnostics.NotAMethod, member.Name, $"a {member.Kind.ToString().ToLowerInvariant()}"));
            return null;
        }

        if (method.MethodKind is MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove) return null;
        if (method.IsStatic)
        {
            if (method.IsAbstract) findings.Add(Finding.At(method, Diagnostics.NotAMethod, method.Name, "static"));
            return null;
        }

        // A method with a body of its own that nobody can call from outside needs no reference.
        if (method.DeclaredAccessibility != Accessibility.Public || method.MethodKind != MethodKind.Ordinary) return null;
        var name = $"{declaring.Name}.{method.Name}";
        if (Shape(method.ReturnType, observer) is not { } shape)
        {
            findings.Add(Finding.At(method, Diagnostics.WrongReturnType, name, method.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
            return null;
        }

        if (!CheckParameters(method, name, findings)) return null;
        if (shape.Result is { } result) MessageChecker.Check(result, method, name, findings);
        return new MethodModel(
            declaring.ToDisplayString(TypeReader.FullName),
            method.Name,
            TypeReader.Text(TypeReader.Attribute(method, "Orleans.AliasAttribute")) ?? Signature(method),
            shape.Kind,
            method.ReturnType.ToDisplayString(TypeReader.FullName),
            shape.Result?.ToDisplayString(TypeReader.FullName) ?? "",
            new EquatableList<ParameterModel>(method.Parameters.Select(ReadParameter)),
            new EquatableList<string>(method.TypeParameters.Select(parameter => parameter.Name)),
            Constraints(method.TypeParameters),
            Options(method, shape.Kind),
            TypeReader.Text(TypeReader.Attribute(method, "Orleans.ResponseTimeoutAttribute") ?? TypeReader.Attribute(declaring, "Orleans.ResponseTimeoutAttribute")));
    }

    private static bool CheckParameters(IMethodSymbol method, string name, List<Finding> findings)
    {
        var before = findings.Count;
        var tokens = 0;
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
                findings.Add(Finding.At(parameter, Diagnostics.WrongParameter, name, parameter.Name, "is passed by reference"));
            if (TypeReader.Is(parameter.Type, "System.Threading.CancellationToken"))
            {
                if (++tokens > 1) findings.Add(Finding.At(parameter, Diagnostics.WrongParameter, name, parameter.Name, "is a second cancellation token"));
            }
            else
            {
                MessageChecker.Check(parameter.Type, parameter, name, findings);
            }
        }

        return findings.Count == before;
    }

    private static ParameterModel ReadParameter(IParameterSymbol parameter)
    {
        var name = SyntaxFacts.GetKeywordKind(parameter.Name) != SyntaxKind.None ? "@" + parameter.Name : parameter.Name;
        return new ParameterModel(
            parameter.Type.ToDisplayString(TypeReader.FullName), name, TypeReader.Is(parameter.Type, "System.Threading.CancellationToken"));
    }

    private static (ResultShape Kind, ITypeSymbol? Result)? Shape(ITypeSymbol type, bool observer)
    {
        if (type.SpecialType == SpecialType.System_Void) return observer ? (ResultShape.Nothing, null) : null;
        if (type is not INamedTypeSymbol named) return null;
        var result = named.TypeArguments.Length == 1 ? named.TypeArguments[0] : null;
        return named.ConstructedFrom.ToDisplayString() switch
        {
            "System.Threading.Tasks.Task" => (ResultShape.Task, null),
            "System.Threading.Tasks.Task<TResult>" => (ResultShape.TaskOf, result),
            "System.Threading.Tasks.ValueTask" => (ResultShape.ValueTask, null),
            "System.Threading.Tasks.ValueTask<TResult>" => (ResultShape.ValueTaskOf, result),
            "System.Collections.Generic.IAsyncEnumerable<T>" => (ResultShape.Sequence, result),
            _ => null,
        };
    }

    private static int Options(IMethodSymbol method, ResultShape shape)
    {
        var options = shape switch
        {
            ResultShape.Nothing => OneWay,
            ResultShape.Sequence => AlwaysInterleave,
            _ => 0,
        };
        if (TypeReader.Attribute(method, "Orleans.Concurrency.OneWayAttribute") is not null) options |= OneWay;
        if (TypeReader.Attribute(method, "Orleans.Concurrency.ReadOnlyAttribute") is not null) options |= ReadOnly;
        if (TypeReader.Attribute(method, "Orleans.Concurrency.AlwaysInterleaveAttribute") is not null) options |= AlwaysInterleave;
        return options;
    }

    /// <summary>Name and parameter types: what distinguishes overloads in messages, as long as there is no alias.</summary>
    private static string Signature(IMethodSymbol method)
    {
        var arity = method.TypeParameters.Length > 0 ? $"`{method.TypeParameters.Length}" : "";
        return $"{method.Name}{arity}({string.Join(",", method.Parameters.Select(parameter => parameter.Type.ToDisplayString()))})";
    }

    public static string Constraints(IEnumerable<ITypeParameterSymbol> parameters)
    {
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            var parts = new List<string>();
            if (parameter.HasUnmanagedTypeConstraint) parts.Add("unmanaged");
            else if (parameter.HasValueTypeConstraint) parts.Add("struct");
            else if (parameter.HasReferenceTypeConstraint) parts.Add("class");
            else if (parameter.HasNotNullConstraint) parts.Add("notnull");
            parts.AddRange(parameter.ConstraintTypes.Select(type => type.ToDisplayString(TypeReader.FullName)));
            if (parameter.HasConstructorConstraint && !parameter.HasValueTypeConstraint && !parameter.HasUnmanagedTypeConstraint) parts.Add("new()");
            if (parts.Count > 0) text.Append($" where {parameter.Name} : {string.Join(", ", parts)}");
        }

        return text.ToString();
    }
}
