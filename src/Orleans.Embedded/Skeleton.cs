using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

#pragma warning disable
namespace Orleans.Embedded
{
    internal abstract class TurnContext : IGrainContext
    {
        public static TurnContext? CurrentContext => null;
        public static void CheckAccess(IGrainContext c) { }
        public IGrainFactory GrainFactory => throw new NotSupportedException();
        public void DelayDeactivation(TimeSpan t) { }
        public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) => throw new NotSupportedException();
        public abstract GrainReference GrainReference { get; }
        public abstract GrainId GrainId { get; }
        public abstract object? GrainInstance { get; }
        public abstract ActivationId ActivationId { get; }
        public abstract IServiceProvider ActivationServices { get; }
        public abstract Task Deactivated { get; }
        public abstract void SetComponent<TComponent>(TComponent? value) where TComponent : class;
        public abstract void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
        public abstract TTarget? GetTarget<TTarget>() where TTarget : class;
        public abstract TComponent? GetComponent<TComponent>() where TComponent : class;
        public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
    }
    internal static class ReentrancyScope { public static IReentrancyScope? Current => null; }
}
namespace Orleans.Embedded.References
{
    internal sealed class ReferenceShared
    {
        public GrainType GrainType => default; public GrainInterfaceType InterfaceType => default; public string InterfaceName => "";
        public ReferenceFactory Factory => throw new NotSupportedException();
    }
    internal abstract class ReferenceFactory { public abstract T GetGrain<T>(GrainId id); public abstract object Create(Type t, GrainId id); }
}
namespace Orleans.Embedded.Hosting
{
    internal static class SiloServices { public static void AddTo(IServiceCollection s) { } }
    internal static class ClientServices { public static void AddTo(IServiceCollection s) { } }
    internal interface ISiloKill { void Kill(); }
    internal sealed record CoHostedSilo(IServiceProvider Services);
}
namespace Orleans.Embedded.Reminders { internal static class ReminderServices { public static void AddInMemory(IServiceCollection s) { } public static void AddPostgres(IServiceCollection s) { } } }
namespace Orleans.Embedded.Streams { internal static class MemoryStreamServices { public static void Add(IServiceCollection s, string n) { } } }
namespace Orleans.Embedded.Storage
{
    internal sealed class MemoryGrainStorage : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
    }
}
