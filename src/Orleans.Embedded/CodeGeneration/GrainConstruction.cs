using System.ComponentModel;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Storage;
using Orleans.Runtime;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>What generated code takes the arguments of a grain's constructor from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GrainConstruction
{
    private readonly ActivationContext _activation;

    internal GrainConstruction(ActivationContext activation) => _activation = activation;

    /// <summary>The activation.</summary>
    public IGrainContext Context => _activation;

    /// <summary>A service.</summary>
    public T Required<T>() where T : notnull => _activation.ActivationServices.GetRequiredService<T>();

    /// <summary>A service, or the parameter's default.</summary>
    public T? Optional<T>(T? fallback) => _activation.ActivationServices.GetService(typeof(T)) is T service ? service : fallback;

    /// <summary>A service under a key.</summary>
    public T Keyed<T>(object key) where T : notnull => _activation.ActivationServices.GetRequiredKeyedService<T>(key);

    /// <summary>A persistent state; it is read before the grain is activated.</summary>
    public IPersistentState<T> State<T>(string stateName, string? storageName)
    {
        var state = new PersistentState<T>(_activation, stateName, storageName);
        _activation.AddState(state);
        return state;
    }
}
