using Orleans.Embedded.Streams;
using Warroom.Engine.Tests.Cluster;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Streams;

/// <summary>What a stream's home does for other processes, step by step.</summary>
public sealed class StreamHomeTests
{
    [Fact]
    public async Task Registration_GivenUpWhileItIsMade_LeavesNothingBehind_AndIsNotConfirmed()
    {
        await using var bench = new StreamBench();
        var id = StreamBench.Id("orphan");
        Task<HomeAnswer>? registered = null;
        Task registering = Task.CompletedTask;
        await HeldTopic.WhileHeldAsync(bench.Hub, id, () =>
        {
            (var thread, registering) = HeldTopic.InThread(() => registered = bench.Mesh.RegisterAsync(Registration(id)));
            HeldTopic.UntilAllWait(thread);

            // As when the stream has another home.
            Assert.Single(bench.Mesh.Sessions).RemoveWhere((_, _) => true);
        });
        await registering.Soon();

        Assert.Equal(HomeAnswer.NotHome, await registered!);
        Assert.Empty(bench.Hub.Find(id)?.Snapshot() ?? []);
        Assert.Equal(HomeAnswer.Done, await bench.Mesh.RegisterAsync(Registration(id) with { Session = bench.Mesh.Sessions[0].Id }));
        Assert.Single(bench.Hub.Find(id)!.Snapshot());
    }

    [Fact]
    public async Task Publication_SentAgain_IsTakenOnce_HoweverManyProducersThereAre()
    {
        await using var bench = new StreamBench(bounds: new StreamBounds { ProducersMax = 4 });
        var id = StreamBench.Id("producers");
        var heard = new HeardItems();
        await bench.Stream("producers").SubscribeAsync(heard);
        var producers = Enumerable.Range(0, 6).Select(_ => Guid.NewGuid()).ToList();
        for (var i = 0; i < 4; i++) Publish(producers[i], 1, i);

        // One that is known needs no room.
        Publish(producers[0], 2, 10);
        foreach (var producer in producers.Take(4)) Publish(producer, 1, 99);

        // Room is made by who was silent the longest.
        Publish(producers[4], 1, 20);
        Publish(producers[5], 1, 21);
        foreach (var producer in producers.Where((_, i) => i is 0 or >= 3)) Publish(producer, 1, 99);
        Publish(producers[0], 3, 30);

        await heard.UntilAsync(30);
        Assert.Equal([0, 1, 2, 3, 10, 20, 21, 30], heard.Items);

        void Publish(Guid producer, long number, int item) => bench.Hub.Publish(id, producer, number, [new PublishedParcel<int>([item])]);
    }

    [Fact]
    public async Task Unregistration_WhichComesLate_LeavesALaterRegistrationAlone()
    {
        await using var bench = new StreamBench();
        var id = StreamBench.Id("late");
        var registration = Registration(id) with { Number = 2 };
        Assert.Equal(HomeAnswer.Done, await bench.Mesh.RegisterAsync(registration));
        await bench.Mesh.UnregisterAsync(registration.Process, registration.Session, StreamBench.Provider, id, 1);
        Assert.Single(bench.Hub.Find(id)!.Snapshot());
        await bench.Mesh.UnregisterAsync(registration.Process, registration.Session, StreamBench.Provider, id, 2);
        Assert.Empty(bench.Hub.Find(id)?.Snapshot() ?? []);
    }

    [Fact]
    public async Task Registration_WhileAFormerHomeMayStillTakeItems_IsNotConfirmed()
    {
        await using var bench = new StreamBench();
        var id = StreamBench.Id("known");
        bench.Placement.IsKnown = false;
        Assert.Equal(HomeAnswer.NotHome, await bench.Mesh.RegisterAsync(Registration(id)));
        bench.Placement.IsKnown = true;
        Assert.Equal(HomeAnswer.Done, await bench.Mesh.RegisterAsync(Registration(id)));
    }

    private static StreamRegistration Registration(StreamId id) =>
        new() { Process = "process", Session = Guid.NewGuid(), View = 1, Provider = StreamBench.Provider, StreamId = id, WantsItems = true };
}
