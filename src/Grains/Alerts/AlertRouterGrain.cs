using System.Collections.Immutable;
using Orleans.Runtime;
using Warroom.Incidents;
using Warroom.Operations;
using Warroom.Text;

namespace Warroom.Alerts;

/// <summary>
/// Gives a service's alerts to its incidents. What it decides is stored before it acts, with the incident's id; acting is telling incidents under operation ids that follow from the news. So it may die anywhere: the
/// source, which got no answer, sends again, and what is owed is told first, to the same incident, which knows an operation that it has seen. Not reentrant.
/// </summary>
public sealed partial class AlertRouterGrain(
    [PersistentState("alert-router", "warroom")] IPersistentState<AlertRouterState> stored,
    IServiceIncidents incidents,
    TimeProvider time,
    IncidentMetrics metrics,
    ILogger<AlertRouterGrain> logger) : OperableGrain, IAlertRouterGrain
{
    /// <summary>The key of the router for alerts that name no service.</summary>
    public const string Unassigned = "unassigned";

    private const int PlacingsMax = 4;
    private const int CandidatesMax = 8;
    private const int AtOnceMax = 32;

    private AlertRouterState _state = new();
    private bool _mustRead;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Take();
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<AlertRoute>> ReceiveAsync(AlertBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Alerts.IsDefaultOrEmpty)
            return [];
        if (batch.Alerts.Length > AlertLimits.BatchMax)
            throw new DomainException(RefusalKind.TooLarge, "alert.too_many", $"{batch.Alerts.Length} alerts came at once; at most {AlertLimits.BatchMax} are possible.");

        if (_mustRead)
        {
            await stored.ReadStateAsync(CancellationToken.None);
            Take();
        }

        // What a crash left undone comes first, or news of it would be taken for a repetition.
        await SettleAsync([]);

        var source = string.IsNullOrWhiteSpace(batch.Source) ? "Alert source" : StorableText.Cut(batch.Source.Trim(), Author.NameLengthMax);
        var now = time.GetUtcNow();
        var routes = new AlertRoute[batch.Alerts.Length];
        var next = _state;
        for (var i = 0; i < routes.Length; i++)
            (next, routes[i]) = AlertRouting.Hear(next, batch.Alerts[i], source, now);
        var opened = new HashSet<string>(StringComparer.Ordinal);
        if (!ReferenceEquals(next, _state))
        {
            _state = next;
            await SettleAsync(opened);
        }

        var answer = routes.Select(route => Final(route, opened)).ToImmutableArray();
        foreach (var route in answer)
            metrics.Routed(route);
        return answer;
    }

    private AlertRoute Final(AlertRoute route, HashSet<string> opened) => route switch
    {
        { Outcome: "joined" } when opened.Contains(route.Fingerprint) => route with { Outcome = "opened", IncidentId = AlertRouting.Latest(_state, route.Fingerprint)?.IncidentId },
        { Outcome: "joined" or "resolved" or "repeated", IncidentId: null } => route with { IncidentId = AlertRouting.Latest(_state, route.Fingerprint)?.IncidentId },
        _ => route,
    };

    /// <summary>Chooses incidents, stores, tells, stores that it was told. When it returns, nothing is owed.</summary>
    private async Task SettleAsync(HashSet<string> opened)
    {
        for (var placing = 1; _state.Known.Any(IsDebt) || !ReferenceEquals(_state, stored.State); placing++)
        {
            if (placing > PlacingsMax)
                throw new DomainException(RefusalKind.Unavailable, "alert.try_again", "Incidents were resolved as fast as alerts were given to them; send them again.");
            if (_state.Known.FirstOrDefault(AlertRouting.IsUnplaced) is { } first)
                _state = AlertRouting.Place(_state, await ChooseIncidentAsync(first));
            await StoreAsync();
            if (!_state.Known.Any(IsDebt))
                return;
            foreach (var debts in _state.Known.Where(IsDebt).GroupBy(known => known.IncidentId!.Value).ToList())
                await TellAsync(debts.Key, [.. debts], opened);
        }
    }

    /// <summary>
    /// The incident that new alerts join already, while it is unresolved or yet to be opened; otherwise an unresolved one of the service, whoever opened it; otherwise the id of a new one. Two that begin at the same moment,
    /// one by hand and one by an alert, may both be there: neither was acknowledged when the other was begun.
    /// </summary>
    private async Task<Guid> ChooseIncidentAsync(KnownAlert first)
    {
        if (_state.IncidentId is { } id)
        {
            var incident = await Incident(id).GetAsync();
            var isToBeOpened = incident is null && _state.Known.Any(known => known.OwesFired && known.IncidentId == id);
            if (isToBeOpened || IsUnresolved(incident))
                return id;
        }

        return await FindUnresolvedAsync() ?? AlertIds.Incident(this.GetPrimaryKeyString(), first.Alert, time.GetUtcNow());
    }

    /// <summary>An incident that somebody else opened. What it says of itself counts: it may have been resolved since storage was read.</summary>
    private async Task<Guid?> FindUnresolvedAsync()
    {
        var service = this.GetPrimaryKeyString();
        if (service == Unassigned)
            return null;
        foreach (var candidate in await incidents.UnresolvedAsync(service, CandidatesMax))
        {
            if (IsUnresolved(await Incident(candidate).GetAsync()))
                return candidate;
        }

        return null;
    }

    private static bool IsUnresolved(IncidentView? incident) => incident is { Status: not IncidentStatus.Resolved };

    private async Task StoreAsync()
    {
        _state = AlertRouting.Forget(_state, time.GetUtcNow()) with { Service = this.GetPrimaryKeyString(), UpdatedAt = StorableTime.Of(time.GetUtcNow()) };
        stored.State = _state;
        _mustRead = true;
        await stored.WriteStateAsync(CancellationToken.None);
        _mustRead = false;
    }

    private async Task TellAsync(Guid incidentId, IReadOnlyList<KnownAlert> debts, HashSet<string> opened)
    {
        var told = 0;
        if (debts[0].OwesFired && await Incident(incidentId).GetAsync() is null)
        {
            await OpenAsync(incidentId, debts[0]);
            opened.Add(debts[0].Alert.Fingerprint);
            LogOpened(incidentId, this.GetPrimaryKeyString(), debts[0].Alert.Name);
            if (!debts[0].OwesResolved)
                _state = AlertRouting.Paid(_state, debts[told++]);
        }

        foreach (var some in debts.Skip(told).Chunk(AtOnceMax))
        {
            var taken = await Task.WhenAll(some.Select(debt => RecordAsync(incidentId, debt)));
            for (var i = 0; i < some.Length; i++)
                _state = taken[i] ? AlertRouting.Paid(_state, some[i]) : _state;
            if (taken.Contains(false))
            {
                _state = AlertRouting.TakeBack(_state, incidentId);
                return;
            }
        }
    }

    private Task OpenAsync(Guid incidentId, KnownAlert debt)
    {
        var service = this.GetPrimaryKeyString();
        return Incident(incidentId).OpenAsync(new()
        {
            OperationId = AlertIds.Fired(debt.Alert),
            By = By(debt),
            Title = AlertRouting.TitleOf(debt.Alert),
            Description = debt.Alert.Summary,
            Severity = debt.Severity,
            Service = service == Unassigned ? null : service,
            StartedAt = debt.Alert.StartsAt,
            Alert = debt.Alert with { EndsAt = null },
        });
    }

    /// <summary>Tells the incident what is owed of this firing; <see langword="false"/>: the incident is resolved and takes no new alert.</summary>
    private async Task<bool> RecordAsync(Guid incidentId, KnownAlert debt)
    {
        if (debt.OwesFired)
        {
            try
            {
                await Incident(incidentId).RecordAlertAsync(new() { OperationId = AlertIds.Fired(debt.Alert), By = By(debt), Alert = debt.Alert with { EndsAt = null } });
            }
            catch (DomainException refusal) when (refusal.ErrorCode == "incident.already_resolved")
            {
                return false;
            }
        }

        if (debt.OwesResolved)
            await Incident(incidentId).RecordAlertAsync(new() { OperationId = AlertIds.Resolved(debt.Alert), By = By(debt), Alert = debt.Alert });
        return true;
    }

    private void Take()
    {
        // Grains before the first write have no record; a state from storage may be anything that was ever written.
        _state = stored.RecordExists ? stored.State : stored.State with { Service = this.GetPrimaryKeyString() };
        stored.State = _state;
        _mustRead = false;
    }

    private static bool IsDebt(KnownAlert known) => known.OwesFired || known.OwesResolved;

    private static Author By(KnownAlert debt) => new() { Kind = AuthorKind.Alert, Name = debt.Source };

    private IIncidentGrain Incident(Guid id) => GrainFactory.GetGrain<IIncidentGrain>(id);
}
