using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Frontend.Tests.Contracts;

/// <summary>
/// Writes contract records as TypeScript: snake_case members, optional where null is left out, string unions for enums, unions with <c>kind</c> for event families, limits as constants, docs as docs.
/// </summary>
internal sealed class TypeScriptWriter(XmlDocs docs)
{
    private readonly SortedDictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _seen = [];
    private readonly NullabilityInfoContext _nullability = new();

    public void Add(params ReadOnlySpan<Type> types)
    {
        foreach (var type in types)
        {
            Visit(type);
        }
    }

    /// <summary>Public constants of a class, such as limits.</summary>
    public void AddConstants(Type holder)
    {
        var text = new StringBuilder();
        WriteDoc(text, docs.OfType(holder), "");
        text.Append("export const ").Append(char.ToLowerInvariant(holder.Name[0])).Append(holder.Name.AsSpan(1)).Append(" = {\n");
        foreach (var field in holder.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral))
        {
            WriteDoc(text, docs.OfField(field), "  ");
            text.Append("  ").Append(char.ToLowerInvariant(field.Name[0])).Append(field.Name.AsSpan(1)).Append(": ");
            text.Append(Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)).Append(",\n");
        }

        _written[holder.Name] = text.Append("} as const;\n").ToString();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("// Generated from the contract records by tests/Frontend.Tests (ContractsFileTests); do not edit.\n");
        text.Append("// To write it anew: WARROOM_UPDATE_CONTRACTS=1 dotnet test tests/Frontend.Tests\n\n");
        text.Append("/** A UUID, 36 characters, lower case. */\nexport type Uuid = string;\n\n");
        text.Append("/** RFC 3339, in UTC. */\nexport type Timestamp = string;\n\n");
        text.AppendJoin('\n', _written.Values);
        return text.ToString();
    }

    private static string Name(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static void WriteDoc(StringBuilder text, string? doc, string indent)
    {
        if (doc is not null)
        {
            text.Append(indent).Append("/** ").Append(doc).Append(" */\n");
        }
    }

    private void Visit(Type type)
    {
        if (!_seen.Add(type))
        {
            return;
        }

        if (type.IsEnum)
        {
            _written[type.Name] = Enumeration(type);
        }
        else if (type.GetCustomAttributes<JsonDerivedTypeAttribute>().ToList() is { Count: > 0 } family)
        {
            foreach (var member in family)
            {
                _seen.Add(member.DerivedType);
                _written[member.DerivedType.Name] = Record(member.DerivedType, (string)member.TypeDiscriminator!);
            }

            var text = new StringBuilder();
            WriteDoc(text, docs.OfType(type), "");
            _written[type.Name] = text.Append("export type ").Append(type.Name).Append(" =\n  | ").AppendJoin("\n  | ", family.Select(member => member.DerivedType.Name)).Append(";\n").ToString();
        }
        else
        {
            _written[type.Name] = Record(type, kind: null);
        }
    }

    private string Enumeration(Type type)
    {
        var text = new StringBuilder();
        WriteDoc(text, docs.OfType(type), "");
        text.Append("export type ").Append(type.Name).Append(" = ");
        var names = type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => $"'{field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? Name(field.Name)}'").ToList();
        return text.AppendJoin(" | ", names).Append(";\n\nexport const ").Append(char.ToLowerInvariant(type.Name[0])).Append(type.Name.AsSpan(1)).Append("Values = [")
            .AppendJoin(", ", names).Append("] as const satisfies readonly ").Append(type.Name).Append("[];\n").ToString();
    }

    private string Record(Type type, string? kind)
    {
        var text = new StringBuilder();
        WriteDoc(text, docs.OfType(type), "");
        text.Append("export interface ").Append(type.Name).Append(" {\n");
        if (kind is not null)
        {
            text.Append("  readonly kind: '").Append(kind).Append("';\n");
        }

        // The base's members come first, as in the JSON of no particular order: only readability.
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetMethod is not null && property.Name != "EqualityContract" && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .OrderBy(property => property.DeclaringType == type ? 1 : 0).ThenBy(property => property.MetadataToken))
        {
            WriteDoc(text, docs.OfProperty(property), "  ");
            var optional = Nullable.GetUnderlyingType(property.PropertyType) is not null
                || (!property.PropertyType.IsValueType && _nullability.Create(property).ReadState == NullabilityState.Nullable);
            text.Append("  readonly ").Append(property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? Name(property.Name)).Append(optional ? "?: " : ": ")
                .Append(TypeName(property.PropertyType)).Append(";\n");
        }

        return text.Append("}\n").ToString();
    }

    private string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return "string";
        }

        if (type == typeof(bool))
        {
            return "boolean";
        }

        if (type == typeof(int) || type == typeof(long) || type == typeof(double))
        {
            return "number";
        }

        if (type == typeof(Guid))
        {
            return "Uuid";
        }

        if (type == typeof(DateTimeOffset))
        {
            return "Timestamp";
        }

        if (type.IsGenericType)
        {
            var arguments = type.GetGenericArguments();
            if (type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            {
                return $"readonly {TypeName(arguments[0])}[]";
            }

            if (type.GetGenericTypeDefinition() == typeof(ImmutableSortedDictionary<,>))
            {
                return $"Readonly<Record<{TypeName(arguments[0])}, {TypeName(arguments[1])}>>";
            }
        }

        if (type.Namespace?.StartsWith("Warroom", StringComparison.Ordinal) != true)
        {
            throw new NotSupportedException($"No TypeScript for {type}: teach {nameof(TypeScriptWriter)} what it is on the wire.");
        }

        Visit(type);
        return type.Name;
    }
}
