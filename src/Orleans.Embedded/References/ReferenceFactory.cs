using System.Collections.Concurrent;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Observers;
using Orleans.Runtime;

namespace Orleans.Embedded.References;

/// <summary>Makes references; one for the silo's own code and one for each client.</summary>
internal sealed class ReferenceFactory(GrainMap grains, CallSender sender, ObserverRegistry observers) : IGrainFactory
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), ReferenceShared> _byInterface = new();
    private readonly ConcurrentDictionary<(Type Interface, GrainType Type), ReferenceShared> _byType = new();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Get<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Get<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        GrainKeys.RequireText(primaryKey, nameof(primaryKey));
        return Get<TGrainInterface>(new IdSpan(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey
    {
        GrainKeys.RequireText(keyExtension, nameof(keyExtension));
        return Get<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey, keyExtension), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey
    {
        GrainKeys.RequireText(keyExtension, nameof(keyExtension));
        return Get<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey, keyExtension), grainClassNamePrefix);
    }

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey)
    {
        GrainKeys.Require<IGrainWithGuidKey>(grainInterfaceType);
        return (IGrain)Get(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey), null);
    }

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey)
    {
        GrainKeys.Require<IGrainWithIntegerKey>(grainInterfaceType);
        return (IGrain)Get(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey), null);
    }

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        GrainKeys.Require<IGrainWithStringKey>(grainInterfaceType);
        GrainKeys.RequireText(grainPrimaryKey, nameof(grainPrimaryKey));
        return (IGrain)Get(grainInterfaceType, new IdSpan(grainPrimaryKey), null);
    }

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension)
    {
        GrainKeys.Require<IGrainWithGuidCompoundKey>(grainInterfaceType);
        return (IGrain)Get(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey, keyExtension), null);
    }

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension)
    {
        GrainKeys.Require<IGrainWithIntegerCompoundKey>(grainInterfaceType);
        return (IGrain)Get(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey, keyExtension), null);
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)(object)Create(typeof(TGrainInterface), grainId);

    public IAddressable GetGrain(GrainId grainId) =>
        Create(grains.FindClass(grainId.Type)?.Descriptor.Interfaces.FirstOrDefault() ?? typeof(IGrain), grainId);

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        Create(grains.Interface(interfaceType.ToString()).Type, grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is GrainReference) throw new ArgumentException("The object is a reference already.", nameof(obj));
        return (TGrainObserverInterface)(object)Create(typeof(TGrainObserverInterface), observers.Register(obj));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference reference || reference.Shared.GrainType != ObserverRegistry.Type)
            throw new ArgumentException("Only a reference made by CreateObjectReference can be deleted.", nameof(obj));
        observers.Remove(reference.GrainId);
    }

    /// <summary>A reference to the named grain through the given interface.</summary>
    public GrainReference Create(Type interfaceType, GrainId grainId) =>
        (_byType.TryGetValue((interfaceType, grainId.Type), out var shared) ? shared : Add(interfaceType, grainId.Type)).Create(grainId.Key);

    private ReferenceShared Add(Type interfaceType, GrainType grainType) => _byType.GetOrAdd(
        (interfaceType, grainType),
        static (key, self) => new ReferenceShared(self, self.Sender, key.Type, self.Grains.Interface(key.Interface)),
        this);

    private CallSender Sender => sender;

    private GrainMap Grains => grains;

    private TGrainInterface Get<TGrainInterface>(IdSpan key, string? prefix) => (TGrainInterface)(object)Get(typeof(TGrainInterface), key, prefix);

    private GrainReference Get(Type interfaceType, IdSpan key, string? prefix) =>
        (_byInterface.TryGetValue((interfaceType, prefix), out var shared) ? shared : Resolve(interfaceType, prefix)).Create(key);

    private ReferenceShared Resolve(Type interfaceType, string? prefix) => _byInterface.GetOrAdd(
        (interfaceType, prefix),
        static (key, self) => self.Add(key.Interface, self.Grains.Implementation(key.Interface, key.Prefix).GrainType),
        this);
}
