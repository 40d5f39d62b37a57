using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A grain's state on its way to and from storage.</summary>
    /// <typeparam name="T">The state's type.</typeparam>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T State { get; set; }

        /// <summary>Which version of the stored record the state was read from or written as; null if there is no record.</summary>
        string? ETag { get; set; }

        /// <summary>Whether there is a stored record.</summary>
        bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>
    /// Keeps grain states. Registered by name with <c>AddGrainStorage</c>. Every write is conditional on the ETag; a mismatch is an
    /// <see cref="InconsistentStateException"/>. When a task completes, the change is durable to the storage's own promise.
    /// </summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a state: sets the state, its ETag and whether it exists. A missing record leaves the state as it was made.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a state if its ETag still is that of the record; sets the new ETag.</summary>
        /// <exception cref="InconsistentStateException">The record is another version.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Deletes a state if its ETag still is that of the record; the ETag becomes null.</summary>
        /// <exception cref="InconsistentStateException">The record is another version.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Reads a state; a storage that cannot be cancelled need not implement it.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ReadStateAsync(stateName, grainId, grainState);

        /// <summary>Writes a state; a storage that cannot be cancelled need not implement it.</summary>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            WriteStateAsync(stateName, grainId, grainState);

        /// <summary>Deletes a state; a storage that cannot be cancelled need not implement it.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ClearStateAsync(stateName, grainId, grainState);
    }

    /// <summary>The stored record is another version than the one the writer knew. The activation that lets it escape is ended.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        /// <summary>An exception without a text of its own.</summary>
        public InconsistentStateException()
        {
        }

        /// <summary>An exception with a text.</summary>
        public InconsistentStateException(string message)
            : base(message)
        {
        }

        /// <summary>An exception with a text and a cause.</summary>
        public InconsistentStateException(string message, Exception? innerException)
            : base(message, innerException)
        {
        }

        /// <summary>Says which version is stored and which the writer knew.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : this(errorMsg, storedEtag, currentEtag, null)
        {
        }

        /// <summary>Says which version is stored and which the writer knew.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
            : base(errorMsg, storageException)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>Whether it is the activation that runs now which is stale; no longer true once the exception went to a caller.</summary>
        internal bool IsOfThisActivation { get; set; } = true;

        /// <summary>The version that is stored, as far as known.</summary>
        [Id(0)]
        public string? StoredEtag { get; }

        /// <summary>The version that the writer knew.</summary>
        [Id(1)]
        public string? CurrentEtag { get; }
    }
}

namespace Orleans.Core
{
    /// <summary>A grain's state with its storage.</summary>
    public interface IStorage
    {
        /// <summary>The version of the stored record; null if there is none.</summary>
        string? Etag { get; }

        /// <summary>Whether there is a stored record.</summary>
        bool RecordExists { get; }

        /// <summary>Deletes the record; the state becomes a new one.</summary>
        Task ClearStateAsync();

        /// <summary>Writes the state. After a failure the state in memory keeps the new value and the old ETag.</summary>
        Task WriteStateAsync();

        /// <summary>Reads the state again.</summary>
        Task ReadStateAsync();

        /// <summary>Deletes the record; the state becomes a new one.</summary>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <summary>Writes the state.</summary>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <summary>Reads the state again.</summary>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A grain's state with its storage.</summary>
    /// <typeparam name="TState">The state's type.</typeparam>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>
    /// A grain's state as its constructor gets it, with <see cref="PersistentStateAttribute"/>. It has been read before <c>OnActivateAsync</c> runs.
    /// Exceptions of the storage arrive as <see cref="OrleansException"/> around the original; <c>InconsistentStateException</c> arrives bare.
    /// </summary>
    /// <typeparam name="TState">The state's type; it has a constructor without parameters.</typeparam>
    public interface IPersistentState<TState> : Orleans.Core.IStorage<TState>;

    /// <summary>Says under which name a state is stored and in which storage; without a storage name, in the default one.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute
    {
        /// <summary>Names state and storage.</summary>
        public PersistentStateAttribute(string stateName, string? storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        /// <summary>The state's name.</summary>
        public string StateName { get; }

        /// <summary>The storage's name; null for the default one.</summary>
        public string? StorageName { get; }
    }
}

namespace Orleans.Providers
{
    /// <summary>Names that have a meaning.</summary>
    public static class ProviderConstants
    {
        /// <summary>The storage for states that name none.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
