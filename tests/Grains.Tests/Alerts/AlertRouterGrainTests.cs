using Warroom.Cluster;
using Warroom.Incidents;
using Warroom.Testing.Persistence;
using static Warroom.Incidents.IncidentSamples;

namespace Warroom.Alerts;

public sealed class AlertRouterGrainTests(GrainCluster cluster) : IClassFixture<GrainCluster>, IDisposable
{
    private readonly string _service = $"svc-{Guid.NewGuid():N}";

    private IAlertRouterGrain Router => cluster.Grains.GetGrain<IAlertRouterGrain>(_service);

    public void Dispose()
    {
        cluster.Log.Fault = _ => AppendFault.None;
        cluster.Storage.Fault = _ => WriteFault.None;
        cluster.AfterSearch = () => Task.CompletedTask;
    }

    [Fact]
    public async Task FiringAlert_OpensAnIncidentOfItsService()
    {
        var route = Assert.Single(await ReceiveAsync(Alert()));

        Assert.Equal("opened", route.Outcome);
        var incident = await IncidentAsync(route.IncidentId);
        Assert.Equal(("HighLatency: p95 is over 500 ms", _service, Severity.Critical, Now), (incident.Title, incident.Service, incident.Severity, incident.StartedAt));
        Assert.Equal((AuthorKind.Alert, "Alertmanager"), (incident.OpenedBy.Kind, incident.OpenedBy.Name));
        Assert.Equal("f1", Assert.Single(incident.Alerts).Fingerprint);
        Assert.Equal(2, incident.Version);
        Assert.Equal(7, route.IncidentId!.Value.Version);
    }

    [Fact]
    public async Task AlertsOfOneService_JoinItsUnresolvedIncident_AndTheEndOfOneDoesNotResolveIt()
    {
        var opened = Assert.Single(await ReceiveAsync(Alert("a")));
        var routes = await ReceiveAsync(Alert("b"), Alert("c"), Alert("a", endMinute: 5));

        Assert.Equal(["joined", "joined", "resolved"], routes.Select(route => route.Outcome));
        Assert.All(routes, route => Assert.Equal(opened.IncidentId, route.IncidentId));
        var incident = await IncidentAsync(opened.IncidentId);
        Assert.Equal(IncidentStatus.Open, incident.Status);
        Assert.Equal([("a", true), ("b", false), ("c", false)], incident.Alerts.Select(alert => (alert.Fingerprint, alert.EndsAt is not null)).Order());
    }

    [Fact]
    public async Task NewsTwice_AndOldNews_ChangeNothing()
    {
        var opened = Assert.Single(await ReceiveAsync(Alert(startMinute: 10)));
        var version = (await IncidentAsync(opened.IncidentId)).Version;
        var writes = cluster.Storage.Writes;

        Assert.Equal("repeated", Assert.Single(await ReceiveAsync(Alert(startMinute: 10))).Outcome);
        Assert.Equal("ignored", Assert.Single(await ReceiveAsync(Alert(startMinute: 5))).Outcome);
        Assert.Equal("ignored", Assert.Single(await ReceiveAsync(Alert(startMinute: 5, endMinute: 7))).Outcome);
        Assert.Equal(writes, cluster.Storage.Writes);

        await ReceiveAsync(Alert(startMinute: 10, endMinute: 15));
        Assert.Equal("repeated", Assert.Single(await ReceiveAsync(Alert(startMinute: 10, endMinute: 15))).Outcome);
        Assert.Equal("ignored", Assert.Single(await ReceiveAsync(Alert(startMinute: 10))).Outcome);
        Assert.Equal(version + 1, (await IncidentAsync(opened.IncidentId)).Version);
    }

    [Fact]
    public async Task ResolvedBeforeItWasSeenFiring_OpensNothing_AlsoWhenTheFiringComesLate()
    {
        Assert.Equal(("ignored", null), Single(await ReceiveAsync(Alert(endMinute: 5))));
        Assert.Equal(("ignored", null), Single(await ReceiveAsync(Alert())));
    }

    [Fact]
    public async Task AlertAfterItsIncidentWasResolved_OpensAnother_ButTheSameFiringDoesNot()
    {
        var first = Assert.Single(await ReceiveAsync(Alert("a")));
        await cluster.Grains.GetGrain<IIncidentGrain>(first.IncidentId!.Value).ChangeAsync(To(IncidentStatus.Resolved));

        Assert.Equal(("repeated", first.IncidentId), Single(await ReceiveAsync(Alert("a"))));
        var second = Assert.Single(await ReceiveAsync(Alert("b")));
        var third = Assert.Single(await ReceiveAsync(Alert("a", startMinute: 30)));

        Assert.Equal("opened", second.Outcome);
        Assert.NotEqual(first.IncidentId, second.IncidentId);
        Assert.Equal(("joined", second.IncidentId), (third.Outcome, third.IncidentId));

        // The times in the ids, to the millisecond.
        Assert.True(string.CompareOrdinal(first.IncidentId.ToString()![..13], second.IncidentId.ToString()![..13]) <= 0);
    }

    [Fact]
    public async Task Alert_JoinsTheIncidentThatWasOpenedByHand_AndSoDoThoseAfterIt()
    {
        var byHand = await OpenByHandAsync();

        Assert.Equal(("joined", byHand), Single(await ReceiveAsync(Alert("a"))));
        Assert.Equal(("joined", byHand), Single(await ReceiveAsync(Alert("b"))));
        Assert.Equal(("resolved", byHand), Single(await ReceiveAsync(Alert("a", endMinute: 5))));

        Assert.Equal(["a", "b"], (await IncidentAsync(byHand)).Alerts.Select(alert => alert.Fingerprint).Order());
        Assert.Single(cluster.Log.States(), incident => incident.Service == _service);
    }

    [Fact]
    public async Task Alert_PrefersIncidentsOpenedForItsService_ThenTheNewest_ThenOnesThatAreLinked()
    {
        var linked = await OpenByHandAsync(service: $"{_service}-other");
        await cluster.Grains.GetGrain<IIncidentGrain>(linked).LinkServicesAsync(Link(_service));
        Assert.Equal(("joined", linked), Single(await ReceiveAsync(Alert("a"))));

        // A router stays with the incident that it chose until that is resolved.
        var first = await OpenByHandAsync();
        var second = await OpenByHandAsync();
        Assert.Equal(("joined", linked), Single(await ReceiveAsync(Alert("b"))));
        await ResolveAsync(linked);
        Assert.Equal(("joined", second), Single(await ReceiveAsync(Alert("c"))));
        await ResolveAsync(second);
        Assert.Equal(("joined", first), Single(await ReceiveAsync(Alert("d"))));
    }

    [Fact]
    public async Task Alert_AfterTheIncidentByHandWasResolved_OpensAnother()
    {
        var byHand = await OpenByHandAsync();
        await ResolveAsync(byHand);

        var route = Assert.Single(await ReceiveAsync(Alert()));

        Assert.Equal("opened", route.Outcome);
        Assert.NotEqual(byHand, route.IncidentId);
    }

    [Fact]
    public async Task IncidentByHand_ResolvedBetweenSearchAndJoining_OpensAnother()
    {
        var byHand = await OpenByHandAsync();
        cluster.AfterSearch = () => ResolveAsync(byHand);

        var route = Assert.Single(await ReceiveAsync(Alert()));

        Assert.Equal("opened", route.Outcome);
        Assert.Empty((await IncidentAsync(byHand)).Alerts);
    }

    [Fact]
    public async Task IncidentByHand_WhoseResolutionIsOnItsWay_IsNotJoined()
    {
        var byHand = await OpenByHandAsync();
        cluster.Log.Hold();
        var resolving = ResolveAsync(byHand);
        var held = Assert.Single(await cluster.Log.WhenHeldAsync(1));
        cluster.Log.Release();

        // Storage and incident say that it is open; the incident will refuse the alert once its resolution is durable.
        var writes = cluster.Storage.Writes;
        var receiving = ReceiveAsync(Alert());
        await Eventually.HoldsAsync("the router to have chosen the incident", () => cluster.Storage.Writes > writes);
        Assert.False(receiving.IsCompleted);
        held.Complete();
        await Eventually.CompletesAsync("the incident to be resolved", resolving);

        var route = Assert.Single(await Eventually.CompletesAsync("the alert to be taken", receiving));
        Assert.Equal("opened", route.Outcome);
        Assert.NotEqual(byHand, route.IncidentId);
        Assert.Empty((await IncidentAsync(byHand)).Alerts);
    }

    [Fact]
    public async Task OpenedByHandAndByAlertsAtOnce_EveryAlertIsInExactlyOneIncident_AndTheNextAlertsInTheSame()
    {
        for (var round = 0; round < 20; round++)
        {
            var service = $"{_service}-{round}";
            var router = cluster.Grains.GetGrain<IAlertRouterGrain>(service);
            var byHand = OpenByHandAsync(service);
            var routes = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => router.ReceiveAsync(Batch([Alert($"f{n}")]))));
            await byHand;
            var later = await router.ReceiveAsync(Batch([Alert("later")]));

            Assert.Single(routes.SelectMany(route => route).Concat(later).Select(route => route.IncidentId).Distinct());
            var alerts = cluster.Log.States().Where(incident => incident.Service == service).SelectMany(incident => incident.Alerts).Select(alert => alert.Fingerprint);
            Assert.Equal(["f0", "f1", "f2", "f3", "f4", "later"], alerts.Order());
        }
    }

    [Fact]
    public async Task AlertsWithoutAService_DoNotJoinIncidentsWithoutAService()
    {
        var byHand = await OpenByHandAsync(service: null);
        var route = Assert.Single(await cluster.Grains.GetGrain<IAlertRouterGrain>(AlertRouterGrain.Unassigned).ReceiveAsync(Batch([Alert($"{_service}")])));
        Assert.NotEqual(byHand, route.IncidentId);
    }

    [Fact]
    public async Task UnusableAlert_IsIgnored_AndTheOthersOfItsBatchAreNot()
    {
        var routes = await ReceiveAsync(Alert("") with { Fingerprint = "" }, Alert("ok"));
        Assert.Equal(["ignored", "opened"], routes.Select(route => route.Outcome));
    }

    [Fact]
    public async Task TooManyAtOnce_AreRefused()
    {
        var refusal = await Assert.ThrowsAsync<DomainException>(() => ReceiveAsync([.. Enumerable.Range(0, AlertLimits.BatchMax + 1).Select(i => Alert($"f{i}"))]));
        Assert.Equal("alert.too_many", refusal.ErrorCode);
    }

    [Fact]
    public async Task AStormOfAlerts_IsOneIncident()
    {
        var routes = await ReceiveAsync([.. Enumerable.Range(0, 150).Select(i => Alert($"f{i:000}"))]);

        var incident = await IncidentAsync(Assert.Single(routes.Select(route => route.IncidentId).Distinct()));
        Assert.Equal((150, 151L), (incident.Alerts.Length, incident.Version));
        Assert.Equal(["opened", "joined"], routes.Select(route => route.Outcome).Distinct());
    }

    [Fact]
    public async Task WhereverItFails_TheSourcesRepetitionEndsInOneIncident_WithEachPieceOfNewsOnce()
    {
        var failedAt = 0;
        foreach (var kind in new[] { "before", "after" })
        {
            for (var at = 1; ; at++)
            {
                var run = $"{_service}-{kind}-{at}";
                if (!await PlayWithFailureAsync(run, kind, at))
                    break;
                failedAt++;
            }
        }

        // At least: two writes of the router for each of two batches, the opening, the joining, two resolutions; before and after.
        Assert.InRange(failedAt, 16, 100);
    }

    private async Task<bool> PlayWithFailureAsync(string service, string kind, int at)
    {
        var operations = 0;
        bool IsNow() => Interlocked.Increment(ref operations) == at;
        cluster.Storage.Fault = _ => !IsNow() ? WriteFault.None : kind == "before" ? WriteFault.FailBefore : WriteFault.FailAfter;
        cluster.Log.Fault = _ => !IsNow() ? AppendFault.None : kind == "before" ? AppendFault.FailBefore : AppendFault.UnknownApplied;
        var router = cluster.Grains.GetGrain<IAlertRouterGrain>(service);

        await UntilTakenAsync(router, Alert("a"), Alert("b"));
        var routes = await UntilTakenAsync(router, Alert("a", endMinute: 5), Alert("b", endMinute: 6));
        var failed = Volatile.Read(ref operations) >= at;
        Dispose();

        var incidentId = Assert.Single(routes.Select(route => route.IncidentId).Distinct())!.Value;
        var events = cluster.Log.Events(incidentId).Select(logged => IncidentEvents.FromBody(logged.Body)).ToList();
        var place = $"failing {kind} operation {at}";
        Assert.True(cluster.Log.States().Count(incident => incident.Service == service) == 1, place);
        Assert.True(events.OfType<IncidentOpened>().Count() == 1, place);
        Assert.True(events.OfType<AlertFired>().Select(fired => fired.Alert.Fingerprint).Order().SequenceEqual(["a", "b"]), place);
        Assert.True(events.OfType<AlertResolved>().Select(resolved => resolved.Alert.Fingerprint).Order().SequenceEqual(["a", "b"]), place);
        return failed;
    }

    /// <summary>As alert sources do: the same again, to whatever activation there is, until it is taken.</summary>
    private async Task<IReadOnlyList<AlertRoute>> UntilTakenAsync(IAlertRouterGrain router, params Alert[] alerts)
    {
        IReadOnlyList<AlertRoute>? routes = null;
        await Eventually.SucceedsAsync("the batch to be taken", async () =>
        {
            try
            {
                routes = await router.ReceiveAsync(Batch(alerts));
            }
            catch
            {
                // A crash, as far as the router is concerned: nothing in memory is left of it.
                await cluster.DeactivateAllAsync();
                throw;
            }
        });
        return routes!;
    }

    private Task<Guid> OpenByHandAsync() => OpenByHandAsync(_service);

    private async Task<Guid> OpenByHandAsync(string? service)
    {
        var id = Guid.CreateVersion7();
        await cluster.Grains.GetGrain<IIncidentGrain>(id).OpenAsync(Open() with { Service = service });
        return id;
    }

    private Task ResolveAsync(Guid id) => cluster.Grains.GetGrain<IIncidentGrain>(id).ChangeAsync(To(IncidentStatus.Resolved));

    private static AlertBatch Batch(IEnumerable<Alert> alerts) =>
        new() { Source = "Alertmanager", Alerts = [.. alerts.Select(alert => new RoutedAlert { Alert = alert, Severity = Severity.Critical })] };

    private static (string Outcome, Guid? IncidentId) Single(IReadOnlyList<AlertRoute> routes)
    {
        var route = Assert.Single(routes);
        return (route.Outcome, route.IncidentId);
    }

    private async Task<IReadOnlyList<AlertRoute>> ReceiveAsync(params Alert[] alerts) => await Router.ReceiveAsync(Batch(alerts));

    private async Task<IncidentView> IncidentAsync(Guid? id)
    {
        Assert.NotNull(id);
        var incident = await cluster.Grains.GetGrain<IIncidentGrain>(id.Value).GetAsync();
        Assert.NotNull(incident);
        return incident;
    }
}
