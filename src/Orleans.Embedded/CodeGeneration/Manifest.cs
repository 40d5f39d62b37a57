using System.ComponentModel;
using Orleans.Runtime;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>Names the generated type that lists an assembly's grain interfaces and classes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GrainManifestAttribute(Type manifest) : Attribute
{
    /// <summary>The generated type; it implements <see cref="IGrainManifest"/>.</summary>
    public Type Manifest { get; } = manifest;
}

/// <summary>Names a referenced assembly that has a manifest, so that it is found although no code here uses its types.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GrainAssemblyReferenceAttribute(string assemblyName) : Attribute
{
    /// <summary>The assembly's full name.</summary>
    public string AssemblyName { get; } = assemblyName;
}

/// <summary>What an assembly offers; made by the source generator.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IGrainManifest
{
    /// <summary>Grain and observer interfaces.</summary>
    IEnumerable<GrainInterfaceDescriptor> Interfaces { get; }

    /// <summary>Grain classes.</summary>
    IEnumerable<GrainClassDescriptor> Classes { get; }

    /// <summary>Types that cross between processes.</summary>
    IEnumerable<WireTypeDescriptor> WireTypes { get; }
}

/// <summary>A grain or observer interface.</summary>
/// <param name="Type">The interface.</param>
/// <param name="Name">Its name in messages: its alias, or its full name.</param>
/// <param name="Create">Makes a reference.</param>
/// <param name="Requests">Its own methods, without those of its parents.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record GrainInterfaceDescriptor(
    Type Type, string Name, Func<GrainReferenceSeed, GrainReference> Create, GrainRequestDescriptor[] Requests);

/// <summary>A method that can be called from another process.</summary>
/// <param name="Method">The method's name in messages.</param>
/// <param name="Make">Makes a request without arguments, of the method's type arguments if it is generic.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record GrainRequestDescriptor(string Method, Func<Type[], GrainRequest> Make)
{
    /// <summary>A method that is not generic.</summary>
    public GrainRequestDescriptor(string method, Func<GrainRequest> make)
        : this(method, _ => make())
    {
    }

    /// <summary>A generic method.</summary>
    /// <param name="method">The method's name in messages.</param>
    /// <param name="definition">The request's generic definition.</param>
    public GrainRequestDescriptor(string method, Type definition)
        : this(method, types => (GrainRequest)Activator.CreateInstance(definition.MakeGenericType(types), nonPublic: true)!) =>
        TypeParameterCount = definition.GetGenericArguments().Length;

    /// <summary>How many type arguments the method has.</summary>
    public int TypeParameterCount { get; }
}

/// <summary>A type that crosses between processes.</summary>
/// <param name="Type">The type, or the definition of a generic one.</param>
/// <param name="Name">Its name in messages: its alias, or its full name.</param>
/// <param name="Codec">What writes and reads it; null for an enumeration and for a type that only others derive from.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record WireTypeDescriptor(Type Type, string Name, Type? Codec);

/// <summary>A grain class.</summary>
/// <param name="Type">The class.</param>
/// <param name="Interfaces">Its grain interfaces.</param>
/// <param name="Create">Makes the grain's object.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record GrainClassDescriptor(Type Type, Type[] Interfaces, Func<GrainConstruction, object> Create);
