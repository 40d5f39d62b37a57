using Orleans.Runtime;

namespace Orleans;

/// <summary>
/// Makes references to grains. A reference is cheap, can be kept, and works whether or not the grain is active: the first call activates it.
/// </summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with a guid key.</summary>
    /// <exception cref="ArgumentException">No grain class implements the interface, or several do and the prefix picks none.</exception>
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey;

    /// <summary>A reference to the grain with a number key.</summary>
    /// <exception cref="ArgumentException">No grain class implements the interface, or several do and the prefix picks none.</exception>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>A reference to the grain with a text key.</summary>
    /// <exception cref="ArgumentException">
    /// The key is null, empty or blank; no grain class implements the interface, or several do and the prefix picks none.
    /// </exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference to the grain with a guid and a text as key.</summary>
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey;

    /// <summary>A reference to the grain with a number and a text as key.</summary>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey;

    /// <summary>
    /// A reference to a local object that grains can call. The object is held weakly: keep it alive yourself.
    /// The same object gives the same reference until it is deleted.
    /// </summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends a reference that <see cref="CreateObjectReference{TGrainObserverInterface}"/> made: later calls to it fail.</summary>
    /// <exception cref="ArgumentException">The object is no such reference.</exception>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver;

    /// <summary>A reference to the grain with a guid key.</summary>
    IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey);

    /// <summary>A reference to the grain with a number key.</summary>
    IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey);

    /// <summary>A reference to the grain with a text key.</summary>
    IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

    /// <summary>A reference to the grain with a guid and a text as key.</summary>
    IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension);

    /// <summary>A reference to the grain with a number and a text as key.</summary>
    IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension);

    /// <summary>A reference to the named grain.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;

    /// <summary>A reference to the named grain that can be cast to any of its interfaces.</summary>
    IAddressable GetGrain(GrainId grainId);

    /// <summary>A reference to the named grain through the named interface.</summary>
    IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType);
}

/// <summary>The door to the cluster for code outside of grains.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the client; in a silo's process, those of its host.</summary>
    IServiceProvider ServiceProvider { get; }
}
