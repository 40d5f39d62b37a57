using Warroom.Incidents;
using static Warroom.Incidents.IncidentSamples;

namespace Warroom.Alerts;

public sealed class AlertRoutingTests
{
    [Fact]
    public void ResolvedNewsOfAFiringNeverSeen_EndsTheEarlierFiringOfTheSameAlert()
    {
        var state = AlertRouting.Place(Hear(new(), Alert()).State, Guid.NewGuid());
        state = AlertRouting.Paid(state, state.Known[0]);

        var (after, route) = Hear(state, Alert(startMinute: 10, endMinute: 12));

        Assert.Equal("resolved", route.Outcome);
        Assert.Equal((true, Now.AddMinutes(12)), (after.Known[0].OwesResolved, after.Known[0].Alert.EndsAt));
        Assert.Equal("ignored", Hear(after, Alert(startMinute: 10)).Route.Outcome);
    }

    [Fact]
    public void FiringAndItsEndInOneBatch_AreBothOwed()
    {
        var state = Hear(Hear(new(), Alert()).State, Alert(endMinute: 1)).State;
        Assert.Equal((true, true), (Assert.Single(state.Known).OwesFired, state.Known[0].OwesResolved));
    }

    [Fact]
    public void RepeatedNews_IsWorthAWriteOnlyAfterAnHour()
    {
        var state = Settled(Hear(new(), Alert()).State);
        Assert.Same(state, AlertRouting.Hear(state, News(Alert()), "s", Now.AddMinutes(59)).State);
        Assert.Equal(Now.AddMinutes(60), AlertRouting.Hear(state, News(Alert()), "s", Now.AddMinutes(60)).State.Known[0].HeardAt);
    }

    [Fact]
    public void Memory_IsBounded_ButWhatIsOwedIsKept()
    {
        var state = new AlertRouterState();
        for (var i = 0; i < AlertRouting.KnownMax + 10; i++)
            state = AlertRouting.Hear(state, News(Alert($"f{i}")), "s", Now.AddSeconds(i)).State;
        Assert.Equal(AlertRouting.KnownMax + 10, AlertRouting.Forget(state, Now).Known.Length);

        var settled = AlertRouting.Forget(Settled(state), Now);
        Assert.Equal(AlertRouting.KnownMax, settled.Known.Length);
        Assert.Equal("f10", settled.Known[0].Alert.Fingerprint);
        Assert.Equal(6, AlertRouting.Forget(settled, Now.AddSeconds(AlertRouting.KnownMax + 4) + AlertRouting.KnownFor).Known.Length);
        Assert.Empty(AlertRouting.Forget(settled, Now.AddDays(8)).Known);
    }

    [Fact]
    public void NewerFiring_ReplacesTheOlderOneInMemory()
    {
        var state = Settled(Hear(Hear(new(), Alert()).State, Alert(startMinute: 10)).State);
        Assert.Equal(Now.AddMinutes(10), Assert.Single(AlertRouting.Forget(state, Now).Known).Alert.StartsAt);
    }

    [Fact]
    public void FiringsThatAResolvedIncidentDidNotTake_AreGivenToAnother()
    {
        var (resolved, other) = (Guid.NewGuid(), Guid.NewGuid());
        var state = AlertRouting.TakeBack(AlertRouting.Place(Hear(new(), Alert()).State, resolved), resolved);
        Assert.Null(state.IncidentId);
        Assert.Equal(other, AlertRouting.Place(state, other).Known[0].IncidentId);
    }

    [Fact]
    public void Ids_FollowFromTheNews_AndAreWellFormed()
    {
        Assert.Equal(AlertIds.Fired(Alert()), AlertIds.Fired(Alert(endMinute: 5) with { Summary = "other words" }));
        Assert.Equal(4, new[] { AlertIds.Fired(Alert()), AlertIds.Resolved(Alert()), AlertIds.Fired(Alert("f2")), AlertIds.Fired(Alert(startMinute: 1)) }.Distinct().Count());
        Assert.Equal((8, 8), (AlertIds.Fired(Alert()).Version, AlertIds.Fired(Alert()).Variant & 0xC));

        var incident = AlertIds.Incident("checkout", Alert(), Now);
        Assert.Equal(incident, AlertIds.Incident("checkout", Alert(), Now));
        Assert.NotEqual(incident, AlertIds.Incident("payments", Alert(), Now));
        Assert.Equal((7, 8), (incident.Version, incident.Variant & 0xC));
        Assert.Equal(Guid.CreateVersion7(Now).ToString()[..13], incident.ToString()[..13]);
    }

    [Theory]
    [InlineData("", "HighLatency")]
    [InlineData(" \n", "HighLatency")]
    [InlineData("p95 is over 500 ms\nsee the dashboard", "HighLatency: p95 is over 500 ms")]
    public void Title_IsTheNameAndTheFirstLine(string summary, string title) => Assert.Equal(title, AlertRouting.TitleOf(Alert() with { Summary = summary }));

    [Fact]
    public void Title_IsCutToItsLimit() => Assert.Equal(IncidentLimits.TitleLengthMax, AlertRouting.TitleOf(Alert() with { Summary = new('x', 500) }).Length);

    private static RoutedAlert News(Alert alert) => new() { Alert = alert, Severity = Severity.High };

    private static (AlertRouterState State, AlertRoute Route) Hear(AlertRouterState state, Alert alert) => AlertRouting.Hear(state, News(alert), "Alertmanager", Now);

    private static AlertRouterState Settled(AlertRouterState state) => state.Known.Aggregate(state, AlertRouting.Paid);
}
