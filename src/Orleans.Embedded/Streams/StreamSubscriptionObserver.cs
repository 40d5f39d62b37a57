using Orleans.Runtime;

namespace Orleans.Streams.Core
{
    /// <summary>A grain class that is told of subscriptions made for it, so that it can resume them.</summary>
    public interface IStreamSubscriptionObserver
    {
        /// <summary>Runs when an activation gets its first item of a subscription that it has not resumed yet.</summary>
        Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory);
    }

    /// <summary>Makes the handle of a subscription once the items' type is known.</summary>
    public interface IStreamSubscriptionHandleFactory
    {
        /// <summary>Which stream.</summary>
        StreamId StreamId { get; }

        /// <summary>Which provider.</summary>
        string ProviderName { get; }

        /// <summary>Which subscription.</summary>
        GuidId SubscriptionId { get; }

        /// <summary>The handle; call its <c>ResumeAsync</c> to receive.</summary>
        StreamSubscriptionHandle<T> Create<T>();
    }
}

namespace Orleans
{
    /// <summary>
    /// Subscribes every grain of this class to the streams of a namespace: an item on stream (namespace, key) goes to the grain with that key.
    /// The grain resumes the subscription in <see cref="Streams.Core.IStreamSubscriptionObserver.OnSubscribed"/>.
    /// </summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public class ImplicitStreamSubscriptionAttribute : Attribute
    {
        /// <summary>Names the namespace.</summary>
        public ImplicitStreamSubscriptionAttribute(string streamNamespace)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(streamNamespace);
            StreamNamespace = streamNamespace.Trim();
        }

        internal string StreamNamespace { get; }
    }
}
