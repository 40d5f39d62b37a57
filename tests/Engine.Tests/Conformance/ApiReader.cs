using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Warroom.Engine.Tests.Conformance;

/// <summary>Reads the public types of an assembly from its metadata.</summary>
internal sealed class ApiReader(MetadataReader reader)
{
    private static readonly GenericScope NoScope = new([], []);

    private const MethodAttributes Visibility = MethodAttributes.MemberAccessMask;

    /// <summary>The public types of an assembly, nested ones too.</summary>
    public static IReadOnlyList<ApiType> Read(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        return [.. reader.TypeDefinitions.Where(handle => IsPublic(reader, handle)).Select(new ApiReader(reader).Read)];
    }

    /// <summary>The types of other assemblies that an assembly uses, by their full names.</summary>
    public static IReadOnlySet<string> ReadUsedTypes(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        return reader.TypeReferences.Select(handle => TypeNames.Instance.GetTypeFromReference(reader, handle, 0)).ToHashSet();
    }

    /// <summary>The methods of other assemblies' types that an assembly calls.</summary>
    public static IReadOnlyList<UsedMember> ReadUsedMembers(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        var methods = reader.MemberReferences.Select(reader.GetMemberReference).Where(member => member.GetKind() == MemberReferenceKind.Method
            && member.Parent.Kind is HandleKind.TypeReference or HandleKind.TypeSpecification);
        return
        [
            .. methods.Select(member =>
            {
                var name = reader.GetString(member.Name);
                return new UsedMember(TypeNames.Of(reader, member.Parent, NoScope), name, Shape(name, member.DecodeMethodSignature(TypeNames.Instance, NoScope)));
            }),
        ];
    }

    private static bool IsPublic(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsPublic(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private ApiType Read(TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var scope = new GenericScope(Names(type.GetGenericParameters()), []);
        var kind = Kind(type, scope, out var parent);
        return new ApiType
        {
            Name = TypeNames.Instance.GetTypeFromDefinition(reader, handle, 0),
            Kind = kind,
            Base = parent,
            Interfaces = [.. type.GetInterfaceImplementations().Select(item => TypeNames.Of(reader, reader.GetInterfaceImplementation(item).Interface, scope))],
            Generics = Generics(type.GetGenericParameters(), scope),
            AttributeUsage = AttributeUsage(type),
            Members = [.. Fields(type, scope), .. Methods(type, scope)],
        };
    }

    private string Kind(TypeDefinition type, GenericScope scope, out string? parent)
    {
        parent = null;
        if (type.Attributes.HasFlag(TypeAttributes.Interface)) return "interface";
        parent = type.BaseType.IsNil ? null : TypeNames.Of(reader, type.BaseType, scope);
        if (parent == "System.Enum")
        {
            var value = type.GetFields().Select(reader.GetFieldDefinition).First(field => !field.Attributes.HasFlag(FieldAttributes.Static));
            return $"enum of {value.DecodeSignature(TypeNames.Instance, scope)}";
        }

        if (parent == "System.ValueType") return "struct";
        if (parent == "System.MulticastDelegate") return "delegate";
        return (type.Attributes & (TypeAttributes.Abstract | TypeAttributes.Sealed)) switch
        {
            TypeAttributes.Abstract | TypeAttributes.Sealed => "static class",
            TypeAttributes.Abstract => "abstract class",
            TypeAttributes.Sealed => "sealed class",
            _ => "class",
        };
    }

    private IEnumerable<ApiMember> Fields(TypeDefinition type, GenericScope scope)
    {
        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            var visibility = field.Attributes & FieldAttributes.FieldAccessMask;
            if (visibility is not (FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem)) continue;
            if (field.Attributes.HasFlag(FieldAttributes.SpecialName)) continue;
            var modifier = field.Attributes switch
            {
                var attributes when attributes.HasFlag(FieldAttributes.Literal) => "const ",
                var attributes when attributes.HasFlag(FieldAttributes.Static) => "static ",
                _ => "",
            };
            var readOnly = field.Attributes.HasFlag(FieldAttributes.InitOnly) ? "readonly " : "";
            var name = reader.GetString(field.Name);
            var text = $"{Seen(visibility == FieldAttributes.Public)}{modifier}{readOnly}{field.DecodeSignature(TypeNames.Instance, scope)} {name}{Default(field.GetDefaultValue())}";
            yield return new ApiMember(name, text, name);
        }
    }

    private IEnumerable<ApiMember> Methods(TypeDefinition type, GenericScope typeScope)
    {
        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            if ((method.Attributes & Visibility) is not (MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)) continue;
            var name = reader.GetString(method.Name);
            if (name == ".cctor") continue;
            var scope = typeScope with { Method = Names(method.GetGenericParameters()) };
            var signature = method.DecodeSignature(TypeNames.Instance, scope);
            var isStatic = method.Attributes.HasFlag(MethodAttributes.Static);
            var isAbstract = method.Attributes.HasFlag(MethodAttributes.Abstract);
            var isOpen = method.Attributes.HasFlag(MethodAttributes.Virtual) && !method.Attributes.HasFlag(MethodAttributes.Final);
            var modifier = isStatic ? "static " : isAbstract ? "abstract " : isOpen ? "virtual " : "";
            var parameters = string.Join(", ", Parameters(method, signature));
            var text = $"{Seen((method.Attributes & Visibility) == MethodAttributes.Public)}{modifier}{signature.ReturnType} {name}({parameters}){Generics(method.GetGenericParameters(), scope)}";
            yield return new ApiMember(name, text, Shape(name, method.DecodeSignature(TypeNames.Instance, NoScope)));
        }
    }

    private IEnumerable<string> Parameters(MethodDefinition method, MethodSignature<string> signature)
    {
        var declared = method.GetParameters().Select(reader.GetParameter).ToDictionary(parameter => parameter.SequenceNumber);
        var isExtension = HasAttribute(method.GetCustomAttributes(), "System.Runtime.CompilerServices.ExtensionAttribute");
        for (var i = 0; i < signature.ParameterTypes.Length; i++)
        {
            var prefix = i == 0 && isExtension ? "this " : "";
            if (!declared.TryGetValue(i + 1, out var parameter))
            {
                yield return $"{prefix}{signature.ParameterTypes[i]}";
                continue;
            }

            if (HasAttribute(parameter.GetCustomAttributes(), "System.ParamArrayAttribute")) prefix += "params ";
            if (parameter.Attributes.HasFlag(ParameterAttributes.Out)) prefix += "out ";
            var value = !parameter.Attributes.HasFlag(ParameterAttributes.Optional) ? ""
                : parameter.GetDefaultValue() is { IsNil: false } constant ? Default(constant) : " = default";
            yield return $"{prefix}{signature.ParameterTypes[i]} {reader.GetString(parameter.Name)}{value}";
        }
    }

    private string Generics(GenericParameterHandleCollection parameters, GenericScope scope)
    {
        var texts = parameters.Select(reader.GetGenericParameter).Select(parameter =>
        {
            var marks = new List<string>();
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.Covariant)) marks.Add("out");
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.Contravariant)) marks.Add("in");
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) marks.Add("class");
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint)) marks.Add("struct");
            if (parameter.Attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) marks.Add("new()");
            marks.AddRange(parameter.GetConstraints().Select(constraint => TypeNames.Of(reader, reader.GetGenericParameterConstraint(constraint).Type, scope)).Order());
            return $"{reader.GetString(parameter.Name)}{(marks.Count == 0 ? "" : ": ")}{string.Join(", ", marks)}";
        });
        var all = string.Join("; ", texts);
        return all.Length == 0 ? "" : $" <{all}>";
    }

    private string? AttributeUsage(TypeDefinition type)
    {
        foreach (var attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute))
        {
            if (NameOf(attribute) != "System.AttributeUsageAttribute") continue;
            var value = attribute.DecodeValue(TypeNames.Instance);
            var named = value.NamedArguments.ToDictionary(argument => argument.Name!, argument => argument.Value);
            return $"{(AttributeTargets)value.FixedArguments[0].Value!}, many {named.GetValueOrDefault("AllowMultiple") ?? false}, inherited {named.GetValueOrDefault("Inherited") ?? true}";
        }

        return null;
    }

    private bool HasAttribute(CustomAttributeHandleCollection attributes, string name) =>
        attributes.Select(reader.GetCustomAttribute).Any(attribute => NameOf(attribute) == name);

    private string NameOf(CustomAttribute attribute) => attribute.Constructor.Kind switch
    {
        HandleKind.MemberReference => TypeNames.Of(reader, reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent, NoScope),
        _ => TypeNames.Of(reader, reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType(), NoScope),
    };

    private string Default(ConstantHandle handle)
    {
        if (handle.IsNil) return "";
        var constant = reader.GetConstant(handle);
        return constant.TypeCode == ConstantTypeCode.NullReference ? " = null"
            : $" = {reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode)}";
    }

    private ImmutableArray<string> Names(GenericParameterHandleCollection parameters) =>
        [.. parameters.Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name))];

    private static string Shape(string name, MethodSignature<string> signature) =>
        $"{signature.ReturnType} {name}{(signature.GenericParameterCount > 0 ? $"`{signature.GenericParameterCount}" : "")}({string.Join(", ", signature.ParameterTypes)})";

    private static string Seen(bool isPublic) => isPublic ? "" : "protected ";
}
