using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Warroom.Alerts;
using Warroom.Persistence;

namespace Warroom.Incidents;

/// <summary>The incident's state machine under random commands, sensible and not.</summary>
public sealed class IncidentProperties
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements("", " ", "Checkout is slow", "checkout", "<b>x</b>", "a\0b", "\ud83d", "\ud83d\ude80", new string('x', 201), new string('x', 10_001)),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));

    private static readonly Gen<IncidentStatus> Statuses = Gen.Elements(Enum.GetValues<IncidentStatus>());

    private static readonly Gen<Func<IncidentState?, DateTimeOffset, IncidentDecision>> Commands = Gen.Frequency(
        (2, Texts.SelectMany(title => Gen.Elements(Enum.GetValues<Severity>()).Select(severity =>
            Rule((state, now) => IncidentRules.Open(state, IncidentSamples.Open(title) with { Severity = severity }, now))))),
        (3, Texts.Select(title => Rule((state, now) => IncidentRules.Change(state, IncidentSamples.Change() with { Title = title }, now)))),
        (2, Texts.Select(text => Rule((state, now) => IncidentRules.Change(state, IncidentSamples.Change() with { Description = text, Severity = Severity.Low }, now)))),
        (6, Statuses.Select(status => Rule((state, now) => IncidentRules.Change(state, IncidentSamples.To(status) with { Reason = "why" }, now)))),
        (2, Gen.Choose(0, 12).Select(version => Rule((state, now) => IncidentRules.Change(state, IncidentSamples.Change() with { Title = $"v{version}", ExpectedVersion = version }, now)))),
        (3, Texts.Select(text => Rule((state, now) => IncidentRules.Post(state, IncidentSamples.Post(text), now)))),
        (2, Gen.ListOf(Gen.Elements("checkout", "payments", "", "Search")).Select(names => Rule((state, now) => IncidentRules.Link(state, IncidentSamples.Link([.. names]), now)))),
        (4, Gen.Choose(0, 3).SelectMany(fingerprint => Gen.Choose(0, 3).SelectMany(start => Gen.Choose(-1, 5).Select(end => Rule((state, now) =>
            IncidentRules.RecordAlert(state, IncidentSamples.Record(IncidentSamples.Alert($"f{fingerprint}", start, end < 0 ? null : end)), now)))))));

    [Fact]
    public void AnyCommands_KeepWhatHoldsForEveryIncident() =>
        Prop.ForAll(Gen.ListOf(Commands).ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000).WithEndSize(60));

    private static Func<IncidentState?, DateTimeOffset, IncidentDecision> Rule(Func<IncidentState?, DateTimeOffset, IncidentDecision> rule) => rule;

    private static void Holds(IReadOnlyCollection<Func<IncidentState?, DateTimeOffset, IncidentDecision>> commands)
    {
        // Most runs begin with an incident; the others show what commands do where there is none.
        var incident = commands.Count % 8 == 0 ? new PureIncident() : PureIncident.Opened();
        foreach (var command in commands)
        {
            var before = incident.State;
            var events = incident.Events.Count;
            var decision = incident.Do(state => command(state, incident.Now));

            // A refusal changes nothing, and so does a command that changes nothing.
            if (decision.Refusal is not null)
                Assert.Empty(decision.Events);
            if (decision.Events.IsEmpty)
                Assert.Same(before, incident.State);

            // Numbers are without a gap.
            Assert.Equal(incident.Events.Count, incident.State?.Version ?? 0);
            Assert.Equal(events + decision.Events.Length, incident.Events.Count);
            if (incident.State is { } state)
                CheckState(state, incident);
            CheckTransitions(decision);
            incident.Now = incident.Now.AddSeconds(1);
        }

        // The timeline as it is stored, replayed, gives the row as it is stored.
        IncidentState? replayed = null;
        foreach (var body in incident.Events.Select(IncidentEvents.ToBody))
            replayed = IncidentFold.Apply(incident.Id, replayed, IncidentEvents.FromBody(body));
        Assert.Equal(Json(incident.State), Json(replayed));
        Assert.Equal(Json(incident.State), Json(incident.State is null ? null : JsonSerializer.Deserialize(Json(incident.State), StateJson.Stored.IncidentState)));
    }

    private static void CheckState(IncidentState state, PureIncident incident)
    {
        Assert.Equal(state.Status == IncidentStatus.Resolved, state.ResolvedAt is not null);
        Assert.InRange(state.Title.Length, 1, IncidentLimits.TitleLengthMax);
        Assert.InRange(state.Description.Length, 0, IncidentLimits.DescriptionLengthMax);
        Assert.True(state.StartedAt <= state.CreatedAt && state.CreatedAt <= state.UpdatedAt);
        Assert.Equal(incident.Events[^1].At, state.UpdatedAt);
        Assert.Equal(state.Services.Distinct().Count(), state.Services.Length);
        Assert.Equal(state.Service, state.Services.FirstOrDefault() is { } first && state.Service is not null ? first : state.Service);
        Assert.DoesNotContain('\0', Json(state));

        // Of one alert at most one firing is going on.
        Assert.All(state.Alerts.Where(alert => alert.EndsAt is null).GroupBy(alert => alert.Fingerprint), group => Assert.Single(group));
    }

    private static void CheckTransitions(IncidentDecision decision)
    {
        foreach (var change in decision.Events.OfType<StatusChanged>())
        {
            Assert.NotEqual(change.From, change.To);
            Assert.Equal(change.From == IncidentStatus.Resolved, change.To == IncidentStatus.Open);
        }
    }

    private static string Json(IncidentState? state) => state is null ? "" : JsonSerializer.Serialize(state, StateJson.Stored.IncidentState);
}
