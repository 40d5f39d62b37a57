using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Warroom.Engine.Tests.Conformance;

/// <summary>The names of the type parameters in scope.</summary>
internal sealed record GenericScope(ImmutableArray<string> Type, ImmutableArray<string> Method);

/// <summary>Writes types of signatures as text. Nothing is resolved, so that assemblies can be read whose dependencies are not there.</summary>
internal sealed class TypeNames : ISignatureTypeProvider<string, GenericScope>, ICustomAttributeTypeProvider<string>
{
    public static readonly TypeNames Instance = new();

    public static string Of(MetadataReader reader, EntityHandle handle, GenericScope scope) => handle.Kind switch
    {
        HandleKind.TypeDefinition => Instance.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => Instance.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Instance, scope),
        _ => throw new InvalidOperationException($"{handle.Kind} is no type."),
    };

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer) return $"{GetTypeFromDefinition(reader, outer, 0)}+{name}";
        return Join(reader.GetString(type.Namespace), name);
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope is { Kind: HandleKind.TypeReference } outer
            ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)outer, 0)}+{name}"
            : Join(reader.GetString(type.Namespace), name);
    }

    public string GetTypeFromSpecification(MetadataReader reader, GenericScope genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(GenericScope genericContext, int index) =>
        index < genericContext.Method.Length ? genericContext.Method[index] : $"!!{index}";

    public string GetGenericTypeParameter(GenericScope genericContext, int index) =>
        index < genericContext.Type.Length ? genericContext.Type[index] : $"!{index}";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} modified by {modifier}";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetByReferenceType(string elementType) => $"{elementType}&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetSystemType() => "System.Type";

    public string GetTypeFromSerializedName(string name) => name;

    public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

    public bool IsSystemType(string type) => type == "System.Type";

    private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
}
