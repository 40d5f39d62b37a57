namespace Warroom.Models.Tests;

/// <summary>The pure parts of a gateway: queue, breaker, gate.</summary>
public sealed class GateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ModelGatewayOptions Options = new() { MaxConcurrentPerEndpoint = 4, QueueLimit = 10 };

    [Fact]
    public void Queue_OneAsksForMuch_OthersDoNotWaitBehindHim()
    {
        var queue = new FairQueue<string>();
        foreach (var item in new[] { "a1", "a2", "a3", "a4", "b1", "c1", "c2" })
            queue.Enqueue(item[..1], item);
        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3", "a4"], Drain(queue));
    }

    [Fact]
    public void Queue_AnyComingAndGoing_TellsHowManyAreAheadAndStaysFair()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var queue = new FairQueue<int>();
            var asked = new Dictionary<int, string>();
            for (var i = 0; i < 60; i++)
            {
                switch (random.Next(5))
                {
                    case 0 when queue.TryDequeue(out var taken):
                        Assert.True(asked.Remove(taken));
                        break;
                    case 1 when asked.Count > 0:
                        var gone = asked.Keys.ElementAt(random.Next(asked.Count));
                        Assert.True(queue.Remove(gone));
                        Assert.False(queue.Remove(gone));
                        asked.Remove(gone);
                        break;
                    default:
                        var asker = "abcde"[random.Next(5)].ToString();
                        queue.Enqueue(asker, i);
                        asked.Add(i, asker);
                        break;
                }
            }

            Assert.Equal(asked.Count, queue.Count);
            var ahead = asked.Keys.ToDictionary(item => item, queue.AheadOf);
            var order = Drain(queue);
            Assert.Equal(asked.Keys.Order(), order.Order());
            Assert.All(order.Select((item, place) => (item, place)), entry => Assert.True(ahead[entry.item] == entry.place, $"seed {seed}: {entry}, told {ahead[entry.item]}"));

            // Between two turns of one asker everybody who waits has one.
            for (var first = 0; first < order.Count; first++)
            {
                var second = order.FindIndex(first + 1, item => asked[item] == asked[order[first]]);
                if (second > 0)
                {
                    var between = order.Skip(first + 1).Take(second - first - 1).Select(item => asked[item]).Order();
                    Assert.Equal(order.Skip(first + 1).Select(item => asked[item]).Where(asker => asker != asked[order[first]]).Distinct().Order(), between);
                }
            }
        }
    }

    [Fact]
    public void Breaker_FiveFailures_OpensForAMinuteThenLetsOneTry()
    {
        var breaker = new CircuitBreaker(5, Minute);
        for (var i = 0; i < 4; i++)
            breaker = breaker.End(SlotOutcome.Failed, wasProbe: false, TimeSpan.Zero);
        Assert.Equal(CircuitState.Closed, breaker.StateAt(TimeSpan.Zero));
        breaker = breaker.End(SlotOutcome.Failed, wasProbe: false, TimeSpan.Zero);
        Assert.Equal(CircuitState.Open, breaker.StateAt(TimeSpan.FromSeconds(59.9)));
        Assert.False(breaker.Allows(TimeSpan.FromSeconds(59.9)));
        Assert.Equal(CircuitState.HalfOpen, breaker.StateAt(Minute));
        (breaker, var isProbe) = breaker.Begin(Minute);
        Assert.True(isProbe);
        Assert.False(breaker.Allows(Minute));

        var failed = breaker.End(SlotOutcome.Failed, wasProbe: true, Minute);
        Assert.Equal(CircuitState.Open, failed.StateAt(Minute + Minute - TimeSpan.FromTicks(1)));
        var closed = breaker.End(SlotOutcome.Succeeded, wasProbe: true, Minute);
        Assert.Equal(CircuitState.Closed, closed.StateAt(Minute));
        Assert.Equal(0, closed.Failures);
        var unknown = breaker.End(SlotOutcome.Unknown, wasProbe: true, Minute);
        Assert.True(unknown.Allows(Minute));
    }

    [Fact]
    public void Breaker_SuccessInBetween_StartsCountingAnew()
    {
        var breaker = new CircuitBreaker(2, Minute);
        breaker = breaker.End(SlotOutcome.Failed, false, default).End(SlotOutcome.Succeeded, false, default).End(SlotOutcome.Failed, false, default);
        Assert.Equal(CircuitState.Closed, breaker.StateAt(default));
    }

    [Fact]
    public void Breaker_OpenWhileOthersStillRun_TheirOutcomesDoNotCount()
    {
        var open = new CircuitBreaker(1, Minute).End(SlotOutcome.Failed, false, default);
        Assert.Equal(CircuitState.Open, open.End(SlotOutcome.Succeeded, false, default).StateAt(default));
        Assert.Equal(CircuitState.HalfOpen, open.End(SlotOutcome.Failed, false, TimeSpan.FromSeconds(30)).StateAt(Minute));
    }

    [Fact]
    public void Gate_FourAtOnce_FifthWaitsAndIsLetIn()
    {
        var gate = new ModelGate(Options);
        var tickets = Enumerable.Range(0, 6).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var ticket in tickets[..4])
            Assert.Equal(AdmissionKind.Granted, gate.Ask(ticket, "a", true, default).Kind);
        Assert.Equal((AdmissionKind.Queued, 0), Told(gate.Ask(tickets[4], "a", true, default)));
        Assert.Equal((AdmissionKind.Queued, 1), Told(gate.Ask(tickets[5], "a", true, default)));
        gate.Release(tickets[0], SlotOutcome.Succeeded, default);
        Assert.Equal([tickets[4]], gate.TakeChanged());
        Assert.Equal(AdmissionKind.Granted, gate.Ask(tickets[4], "a", true, default).Kind);
        Assert.Equal((AdmissionKind.Queued, 0), Told(gate.Ask(tickets[5], "a", true, default)));
    }

    [Fact]
    public void Gate_QueueFull_Refuses()
    {
        var gate = new ModelGate(Options);
        for (var i = 0; i < 14; i++)
            gate.Ask(Guid.NewGuid(), "a", true, default);
        Assert.Equal(AdmissionKind.Full, gate.Ask(Guid.NewGuid(), "b", true, default).Kind);
    }

    [Fact]
    public void Gate_HolderDies_SlotLapsesAndTheNextIsLetIn()
    {
        var gate = new ModelGate(new() { MaxConcurrentPerEndpoint = 1 });
        var (dead, next) = (Guid.NewGuid(), Guid.NewGuid());
        gate.Ask(dead, "a", true, default);
        gate.Renew(dead, TimeSpan.FromSeconds(20));
        gate.Ask(next, "b", true, TimeSpan.FromSeconds(45));
        gate.Expire(TimeSpan.FromSeconds(49.9));
        Assert.Empty(gate.TakeChanged());
        gate.Expire(TimeSpan.FromSeconds(50));
        Assert.Equal([next], gate.TakeChanged());
    }

    [Fact]
    public void Gate_PlaceNotAskedForAnyMore_Lapses()
    {
        var gate = new ModelGate(new() { MaxConcurrentPerEndpoint = 1 });
        var (holder, gone) = (Guid.NewGuid(), Guid.NewGuid());
        gate.Ask(holder, "a", true, default);
        gate.Ask(gone, "b", true, default);
        gate.Expire(TimeSpan.FromSeconds(15));
        Assert.Equal([gone], gate.TakeChanged());
        Assert.Equal(0, gate.View("x", TimeSpan.FromSeconds(15)).Queued);
    }

    [Fact]
    public void Gate_CircuitOpens_NobodyIsLeftWaiting()
    {
        var gate = new ModelGate(new() { MaxConcurrentPerEndpoint = 1, BreakerFailures = 1 });
        var (holder, waiting) = (Guid.NewGuid(), Guid.NewGuid());
        gate.Ask(holder, "a", true, default);
        gate.Ask(waiting, "b", true, default);
        gate.Release(holder, SlotOutcome.Failed, default);
        Assert.Equal([waiting], gate.TakeChanged());
        Assert.Equal(AdmissionKind.Open, gate.Ask(waiting, "b", true, default).Kind);
        Assert.Equal(AdmissionKind.Granted, gate.Ask(waiting, "b", true, Minute).Kind);
        Assert.Equal(AdmissionKind.Open, gate.Ask(Guid.NewGuid(), "b", true, Minute).Kind);
    }

    [Fact]
    public void Gate_AnyComingAndGoing_NeverMoreThanItsSlotsAndNoneLeaks()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var gate = new ModelGate(new() { MaxConcurrentPerEndpoint = 3, QueueLimit = 8, BreakerFailures = 4 });
            var held = new List<Guid>();
            var now = TimeSpan.Zero;
            for (var i = 0; i < 200; i++)
            {
                now += TimeSpan.FromSeconds(random.Next(4));
                if (random.Next(2) == 0 || held.Count == 0)
                {
                    var ticket = held.Count > 0 && random.Next(3) == 0 ? held[random.Next(held.Count)] : Guid.NewGuid();
                    var admission = gate.Ask(ticket, "abc"[random.Next(3)].ToString(), random.Next(4) > 0, now);
                    if (admission.Kind is AdmissionKind.Granted or AdmissionKind.Queued && !held.Contains(ticket))
                        held.Add(ticket);
                }
                else
                {
                    var at = random.Next(held.Count);
                    gate.Release(held[at], (SlotOutcome)random.Next(3), now);
                    held.RemoveAt(at);
                }

                var view = gate.View("x", now);
                Assert.InRange(view.Running, 0, 3);
                Assert.InRange(view.Queued, 0, 8);
            }

            gate.Expire(now + Minute);
            gate.Expire(now + Minute + Minute);
            Assert.Equal((0, 0), (gate.View("x", now).Running, gate.View("x", now).Queued));
        }
    }

    private static (AdmissionKind, int) Told(Admission admission) => (admission.Kind, admission.Ahead);

    private static List<T> Drain<T>(FairQueue<T> queue)
        where T : notnull
    {
        var order = new List<T>();
        while (queue.TryDequeue(out var item))
            order.Add(item);
        return order;
    }
}
