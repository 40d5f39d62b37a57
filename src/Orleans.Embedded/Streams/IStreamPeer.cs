using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>What the processes of a cluster say to each other about streams: a system target of each. Calls of one process run here in the order in which it made them.</summary>
[Alias("orleans.embedded.stream-peer")]
internal interface IStreamPeer : IGrainWithStringKey
{
    /// <summary>To a stream's home: a process wants its items, or grains do. A repeat is safe.</summary>
    [Alias("register")]
    Task<HomeAnswer> RegisterAsync(StreamRegistration registration);

    /// <summary>To a stream's home: the process wants nothing more of it, as of its registrations up to that number. A later one, which may come earlier, counts.</summary>
    [Alias("unregister")]
    Task UnregisterAsync(string process, Guid session, string provider, StreamId streamId, long number);

    /// <summary>To a home: the process is still there. False: nothing is known of its session, start over.</summary>
    [Alias("renew")]
    Task<bool> RenewAsync(string process, Guid session);

    /// <summary>To a subscribed process: the next batch. False: it is not expected, or one before it is missing.</summary>
    [Alias("deliver")]
    Task<bool> DeliverAsync(string home, Guid session, long number, ImmutableArray<StreamEntry> entries);

    /// <summary>To a subscribed process: this home sends nothing more in that session.</summary>
    [Alias("ended"), OneWay]
    Task EndedAsync(string home, Guid session);

    /// <summary>To a stream's home: items of a producer. The same number twice is taken once.</summary>
    [Alias("publish")]
    Task<HomeAnswer> PublishAsync(StreamPublication publication);

    /// <summary>To a stream's home: a grain ends its subscription.</summary>
    [Alias("remove-grain")]
    Task<HomeAnswer> RemoveGrainAsync(string provider, StreamId streamId, long view, Guid subscription);

    /// <summary>To a stream's home: which subscriptions has a grain? Null: it is not the home.</summary>
    [Alias("grain-subscriptions")]
    Task<ImmutableArray<Guid>?> GrainSubscriptionsAsync(string provider, StreamId streamId, long view, GrainId grainId);

    /// <summary>To a process that would register a grain's subscription again: it has ended.</summary>
    [Alias("forget"), OneWay]
    Task ForgetGrainAsync(string provider, StreamId streamId, Guid subscription);
}

/// <summary>What a process says that is taken for a stream's home.</summary>
internal enum HomeAnswer
{
    /// <summary>It is not, by a newer view than the caller's, or does not know yet that it is.</summary>
    NotHome,

    /// <summary>Done.</summary>
    Done,
}

/// <summary>Who wants the items of a stream.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamRegistration
{
    [Id(0)] public string Process { get; init; } = "";

    [Id(1)] public Guid Session { get; init; }

    /// <summary>The view of the cluster by which the receiver is the home.</summary>
    [Id(2)] public long View { get; init; }

    [Id(3)] public string Provider { get; init; } = "";

    [Id(4)] public StreamId StreamId { get; init; }

    /// <summary>Whether the process itself wants items.</summary>
    [Id(5)] public bool WantsItems { get; init; }

    /// <summary>Subscriptions of grains that were made in the process.</summary>
    [Id(6)] public ImmutableArray<GrainSubscriptionMessage> Grains { get; init; } = [];

    /// <summary>Whether they were registered before, so that they may have lost their place.</summary>
    [Id(7)] public bool Again { get; init; }

    /// <summary>Counts the registrations of the process.</summary>
    [Id(8)] public long Number { get; init; }
}

/// <summary>A grain's subscription.</summary>
[GenerateSerializer, Immutable]
internal sealed record GrainSubscriptionMessage
{
    [Id(0)] public Guid Id { get; init; }

    [Id(1)] public GrainId GrainId { get; init; }
}

/// <summary>A parcel on its way to a subscribed process; without one: the stream lost something.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamEntry
{
    [Id(0)] public string Provider { get; init; } = "";

    [Id(1)] public StreamId StreamId { get; init; }

    [Id(2)] public ParcelMessage? Parcel { get; init; }
}

/// <summary>Items of a producer on their way to the stream's home.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamPublication
{
    [Id(0)] public Guid Producer { get; init; }

    [Id(1)] public long Number { get; init; }

    [Id(2)] public long View { get; init; }

    [Id(3)] public string Provider { get; init; } = "";

    [Id(4)] public StreamId StreamId { get; init; }

    [Id(5)] public ImmutableArray<ParcelMessage> Parcels { get; init; } = [];

    /// <summary>Whether items before these were dropped.</summary>
    [Id(6)] public bool Lost { get; init; }
}
