using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Activations;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Storage;

/// <summary>A persistent state of an activation, whatever its type is.</summary>
internal abstract class PersistentStateBase
{
    public abstract Task ReadStateAsync();
}

/// <summary>A persistent state of an activation.</summary>
internal sealed class PersistentState<T> : PersistentStateBase, IPersistentState<T>
{
    private readonly ActivationContext _activation;
    private readonly string _stateName;
    private readonly IGrainStorage _storage;
    private GrainState<T> _state = new(StateFactory<T>.Create());

    public PersistentState(ActivationContext activation, string stateName, string? storageName)
    {
        _activation = activation;
        _stateName = stateName;
        var name = storageName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        _storage = activation.Runtime.Services.GetKeyedService<IGrainStorage>(name)
            ?? throw new OrleansConfigurationException(
                $"No storage provider named \"{name}\" is registered, but state \"{stateName}\" of {activation.Class.Descriptor.Type} needs it.");
    }

    public T State
    {
        get => _state.State;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public override Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var fresh = new GrainState<T>(StateFactory<T>.Create());
            await _storage.ReadStateAsync(_stateName, _activation.GrainId, fresh, cancellationToken);
            _state = fresh;
        }
        catch (Exception exception) when (IsForeign(exception, cancellationToken))
        {
            throw Wrap("reading", exception);
        }
    }

    public async Task WriteStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _storage.WriteStateAsync(_stateName, _activation.GrainId, _state, cancellationToken);
        }
        catch (Exception exception) when (IsForeign(exception, cancellationToken))
        {
            throw Wrap("writing", exception);
        }
    }

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _storage.ClearStateAsync(_stateName, _activation.GrainId, _state, cancellationToken);
            _state.State = StateFactory<T>.Create();
            _state.RecordExists = false;
        }
        catch (Exception exception) when (IsForeign(exception, cancellationToken))
        {
            throw Wrap("clearing", exception);
        }
    }

    /// <summary>A mismatch of versions and a cancellation asked for arrive as they are.</summary>
    private static bool IsForeign(Exception exception, CancellationToken cancellationToken) =>
        exception is not InconsistentStateException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private OrleansException Wrap(string what, Exception exception) => new(
        $"Error from storage provider {_storage.GetType().Name}.{_stateName} while {what} the state of grain {_activation.GrainId}: {exception.GetType()}: {exception.Message}",
        exception);
}

/// <summary>A state on its way to and from storage.</summary>
internal sealed class GrainState<T>(T state) : IGrainState<T>
{
    public T State { get; set; } = state;

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }
}

/// <summary>Makes the first state of a grain: with the constructor without parameters, or without one where there is none.</summary>
internal static class StateFactory<T>
{
    public static readonly Func<T> Create = Find();

    private static Func<T> Find()
    {
        var type = typeof(T);
        if (type.IsValueType || type == typeof(string) || type.IsArray || type.IsInterface || type.IsAbstract) return static () => default!;
        var constructor = type.GetConstructor(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic, []);
        return constructor is null
            ? static () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T))
            : System.Linq.Expressions.Expression.Lambda<Func<T>>(System.Linq.Expressions.Expression.New(constructor)).Compile();
    }
}
