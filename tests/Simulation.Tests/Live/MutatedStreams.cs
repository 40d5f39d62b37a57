using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Bots;
using Warroom.Frontend.Live;

namespace Warroom.Simulation.Live;

/// <summary>A front end's streams for mutations of its feeds: what comes between a stream and a feed does to the feed what leaving out a guard would.</summary>
internal sealed class MutatedStreams(IStreamProvider streams, FrontEnd frontEnd, LiveMutation mutation) : IStreamProvider
{
    public string Name => streams.Name;

    public bool IsRewindable => streams.IsRewindable;

    /// <summary>The services with these streams, if the mutation is one of theirs.</summary>
    public static IServiceProvider Over(IServiceProvider services, FrontEnd frontEnd, LiveMutation mutation) =>
        mutation is LiveMutation.LiveNotReloaded or LiveMutation.TokensUnchecked ? new Services((IKeyedServiceProvider)services, frontEnd, mutation) : services;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => MutatedStream.Create(streams.GetStream<T>(streamId), observer => observer is IAsyncObserver<SessionUpdate> feed ? new Observer(feed, frontEnd, mutation) : observer);

    private sealed class Services(IKeyedServiceProvider services, FrontEnd frontEnd, LiveMutation mutation) : IKeyedServiceProvider
    {
        public object? GetService(Type serviceType) => services.GetService(serviceType);

        public object? GetKeyedService(Type serviceType, object? serviceKey) =>
            services.GetKeyedService(serviceType, serviceKey) is var service && service is IStreamProvider streams ? new MutatedStreams(streams, frontEnd, mutation) : service;

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => GetKeyedService(serviceType, serviceKey) ?? services.GetRequiredKeyedService(serviceType, serviceKey);
    }

    private sealed class Observer(IAsyncObserver<SessionUpdate> feed, FrontEnd frontEnd, LiveMutation mutation) : IAsyncObserver<SessionUpdate>
    {
        public Task OnNextAsync(SessionUpdate item, StreamSequenceToken? token = null)
        {
            if (mutation == LiveMutation.TokensUnchecked && item.Tokens is { } batch)
            {
                var next = frontEnd.NextTokens.GetValueOrDefault(batch.ReplyId);
                batch = batch with { FirstToken = Math.Min(batch.FirstToken, next) };
                frontEnd.NextTokens[batch.ReplyId] = Math.Max(next, batch.FirstToken + batch.Tokens.Length);
                item = item with { Tokens = batch };
            }

            return feed.OnNextAsync(item, token);
        }

        public Task OnErrorAsync(Exception ex) => mutation == LiveMutation.LiveNotReloaded ? ((IAuditedFeed)feed).CatchUpAsync() : feed.OnErrorAsync(ex);
    }
}

/// <summary>A stream whose observers are others than they think.</summary>
public class MutatedStream : DispatchProxy
{
    private object _stream = null!;
    private Func<object, object> _observer = null!;

    public static IAsyncStream<T> Create<T>(IAsyncStream<T> stream, Func<object, object> observer)
    {
        var mutated = Create<IAsyncStream<T>, MutatedStream>();
        (((MutatedStream)(object)mutated)._stream, ((MutatedStream)(object)mutated)._observer) = (stream, observer);
        return mutated;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncObservable<int>.SubscribeAsync)) args![0] = _observer(args[0]!);
        return targetMethod.Invoke(_stream, args);
    }
}
