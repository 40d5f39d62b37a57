namespace Orleans.Runtime
{
    /// <summary>Something that calls can be sent to: a grain, its reference, an observer or its reference.</summary>
    public interface IAddressable;

    /// <summary>An interface that the runtime adds to grains for its own use.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    using Orleans.Runtime;

    /// <summary>The base of every grain interface. Methods return a task, a value task or an asynchronous sequence.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain interface whose grains are named by a text.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain interface whose grains are named by a guid.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain interface whose grains are named by a number.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain interface whose grains are named by a guid and a text.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain interface whose grains are named by a number and a text.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>
    /// The base of interfaces through which a grain calls back an object outside of grains. Make a reference with
    /// <see cref="IGrainFactory.CreateObjectReference{TGrainObserverInterface}"/>; it holds the object weakly, so keep the object alive.
    /// </summary>
    public interface IGrainObserver : IAddressable;
}
