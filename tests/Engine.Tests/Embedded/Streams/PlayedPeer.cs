using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Embedded.Streams;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Streams;

/// <summary>Another process as a test plays it: everything is granted at once, unless the test holds it.</summary>
internal sealed class PlayedPeer : IStreamPeer
{
    /// <summary>The names of the calls, in order.</summary>
    public Recording Calls { get; } = Recording.Of($"peer {Guid.NewGuid()}");

    public ConcurrentQueue<StreamRegistration> Registrations { get; } = new();

    public ConcurrentQueue<Guid> Unregistered { get; } = new();

    public ConcurrentQueue<StreamPublication> Publications { get; } = new();

    public ConcurrentQueue<ImmutableArray<StreamEntry>> Delivered { get; } = new();

    public Func<StreamRegistration, Task<HomeAnswer>> OnRegister { get; set; } = _ => Task.FromResult(HomeAnswer.Done);

    public Func<Task<bool>> OnRenew { get; set; } = () => Task.FromResult(true);

    public Func<StreamPublication, Task<HomeAnswer>> OnPublish { get; set; } = _ => Task.FromResult(HomeAnswer.Done);

    public Task<HomeAnswer> RegisterAsync(StreamRegistration registration)
    {
        Registrations.Enqueue(registration);
        Calls.Add($"register {registration.StreamId}");
        return OnRegister(registration);
    }

    public Task UnregisterAsync(string process, Guid session, string provider, StreamId streamId, long number)
    {
        Unregistered.Enqueue(session);
        Calls.Add($"unregister {streamId}");
        return Task.CompletedTask;
    }

    public Task<bool> RenewAsync(string process, Guid session)
    {
        Calls.Add("renew");
        return OnRenew();
    }

    public Task<bool> DeliverAsync(string home, Guid session, long number, ImmutableArray<StreamEntry> entries)
    {
        Delivered.Enqueue(entries);
        Calls.Add("deliver");
        return Task.FromResult(true);
    }

    public Task EndedAsync(string home, Guid session)
    {
        Calls.Add("ended");
        return Task.CompletedTask;
    }

    public Task<HomeAnswer> PublishAsync(StreamPublication publication)
    {
        Publications.Enqueue(publication);
        Calls.Add("publish");
        return OnPublish(publication);
    }

    public Task<HomeAnswer> RemoveGrainAsync(string provider, StreamId streamId, long view, Guid subscription) => throw new NotSupportedException("There are no grains on the bench.");

    public Task<ImmutableArray<Guid>?> GrainSubscriptionsAsync(string provider, StreamId streamId, long view, GrainId grainId) => throw new NotSupportedException("There are no grains on the bench.");

    public Task ForgetGrainAsync(string provider, StreamId streamId, Guid subscription) => throw new NotSupportedException("There are no grains on the bench.");
}
