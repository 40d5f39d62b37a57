using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Manifests;

/// <summary>All grain interfaces and classes of the process, and which class implements which interface.</summary>
internal sealed class GrainMap
{
    private readonly Dictionary<Type, GrainInterfaceDescriptor> _interfaces = [];
    private readonly Dictionary<string, GrainInterfaceDescriptor> _interfacesByName = new(StringComparer.Ordinal);
    private readonly Dictionary<GrainType, GrainClass> _classes = [];
    private readonly Dictionary<Type, List<GrainClass>> _implementations = [];

    public GrainMap(IEnumerable<IGrainManifest> manifests)
    {
        manifests = [.. manifests];
        WireTypes = new WireTypes(manifests);
        foreach (var manifest in manifests)
        {
            foreach (var descriptor in manifest.Interfaces)
            {
                _interfaces[descriptor.Type] = descriptor;
                if (!_interfacesByName.TryAdd(descriptor.Name, descriptor))
                {
                    throw new OrleansConfigurationException(
                        $"Grain interfaces {descriptor.Type} and {_interfacesByName[descriptor.Name].Type} have the same name {descriptor.Name}: give one another [Alias].");
                }
            }

            foreach (var descriptor in manifest.Classes) Add(new GrainClass(descriptor));
        }
    }

    /// <summary>The names that types and methods have in messages.</summary>
    public WireTypes WireTypes { get; }

    public IEnumerable<GrainClass> Classes => _classes.Values;

    public GrainClass? FindClass(GrainType type) => _classes.GetValueOrDefault(type);

    public GrainInterfaceDescriptor Interface(Type type) => _interfaces.TryGetValue(type, out var descriptor)
        ? descriptor
        : throw new ArgumentException($"{type} is no grain interface that this process knows: its assembly must be built with the engine's source generator.", nameof(type));

    public GrainInterfaceDescriptor Interface(string name) => _interfacesByName.TryGetValue(name, out var descriptor)
        ? descriptor
        : throw new ArgumentException($"No grain interface is named {name}.", nameof(name));

    /// <summary>The one class that implements an interface; a prefix of its full name picks one of several.</summary>
    public GrainClass Implementation(Type interfaceType, string? prefix)
    {
        if (!_implementations.TryGetValue(interfaceType, out var candidates))
            throw new ArgumentException($"Could not find an implementation for interface {interfaceType}.", nameof(interfaceType));
        if (!string.IsNullOrEmpty(prefix))
        {
            var exact = candidates.Find(candidate => candidate.Descriptor.Type.FullName == prefix);
            if (exact is not null) return exact;
            candidates = candidates.FindAll(candidate => candidate.Descriptor.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal));
        }

        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new ArgumentException($"No implementation of {interfaceType} has a name that begins with \"{prefix}\".", nameof(prefix)),
            _ => throw new ArgumentException(
                $"Unable to identify a single implementation of {interfaceType}: {string.Join(", ", candidates.Select(candidate => candidate.Descriptor.Type))}. Give a class name prefix.",
                nameof(interfaceType)),
        };
    }

    private void Add(GrainClass grainClass)
    {
        if (!_classes.TryAdd(grainClass.GrainType, grainClass))
        {
            throw new OrleansConfigurationException(
                $"Grain classes {grainClass.Descriptor.Type} and {_classes[grainClass.GrainType].Descriptor.Type} have the same grain type {grainClass.GrainType}: give one another [GrainType].");
        }

        foreach (var type in grainClass.Descriptor.Interfaces)
        {
            if (!_implementations.TryGetValue(type, out var list)) _implementations[type] = list = [];
            list.Add(grainClass);
        }
    }
}
