using Orleans.Embedded.Membership;

namespace Warroom.Simulation.Cluster;

/// <summary>
/// The membership's store behind a bad network: requests and answers take their time and overtake each other; either can get lost, so that an operation
/// fails before it is done, or is done and fails all the same; an operation that was given up can still be done later.
/// </summary>
internal sealed class FakeStore(VirtualTime time, Random random, Faults faults)
{
    public MembershipTable Table { get; private set; } = MembershipTable.Empty;

    /// <summary>Called after each change of the table but heartbeats.</summary>
    public Action? Changed { get; set; }

    /// <summary>Sends an operation for a silo. One of the two is called, as an event of that silo; or none, if everything got lost: silos do not wait for ever.</summary>
    public void Send(SimulatedSilo silo, Func<MembershipTable, MembershipTable> operation, Action<MembershipTable> onAnswer, Action onFailure)
    {
        if (IsLost(silo, isRequest: true))
        {
            FailMaybe(silo, onFailure);
            return;
        }

        time.After(Latency(), () =>
        {
            if (IsLost(silo, isRequest: true))
            {
                FailMaybe(silo, onFailure);
                return;
            }

            var before = Table;
            Table = operation(before);
            var answer = Table;
            if (before.Revision != answer.Revision) Changed?.Invoke();
            if (IsLost(silo, isRequest: false)) FailMaybe(silo, onFailure);
            else silo.After(Latency(), () => onAnswer(answer));
        });
    }

    private void FailMaybe(SimulatedSilo silo, Action onFailure)
    {
        if (random.Next(2) == 0) silo.After(Latency(), onFailure);
    }

    private bool IsLost(SimulatedSilo silo, bool isRequest)
    {
        var isLost = faults.StoreIsDown || (isRequest ? silo.LosesRequests : silo.LosesAnswers) || random.NextDouble() < faults.Loss;
        if (isLost && isRequest) faults.FailedBefore++;
        else if (isLost) faults.FailedAfter++;
        return isLost;
    }

    private long Latency() => random.Next(100) < faults.SlowPercent ? random.Next(50, 1500) : random.Next(1, 6);
}

/// <summary>What is wrong at the moment, and what went wrong so far.</summary>
internal sealed class Faults
{
    public bool StoreIsDown { get; set; }

    public double Loss { get; set; }

    public int SlowPercent { get; set; }

    public long FailedBefore { get; set; }

    public long FailedAfter { get; set; }

    public long Kills { get; set; }

    public long Pauses { get; set; }

    public long Leaves { get; set; }

    public long Lapses { get; set; }

    public long Deaths { get; set; }

    /// <summary>Those of the deaths that were declared by who was in the dead one's place.</summary>
    public long Replaced { get; set; }

    public void Heal()
    {
        StoreIsDown = false;
        Loss = 0;
        SlowPercent = 0;
    }
}
