using Warroom.Alerts;
using static Warroom.Incidents.IncidentSamples;

namespace Warroom.Incidents;

public sealed class IncidentRulesTests
{
    [Fact]
    public void Open_WhereThereIsNone_IsEventOneWithAllOfIt()
    {
        var command = Open("  Checkout is slow \n") with { Description = "    code\n\n", Service = " Checkout ", StartedAt = Now.AddMinutes(-5) };

        var opened = Assert.IsType<IncidentOpened>(Assert.Single(IncidentRules.Open(null, command, Now).Events));

        Assert.Equal("Checkout is slow", opened.Title);
        Assert.Equal("    code", opened.Description);
        Assert.Equal("checkout", opened.Service);
        Assert.Equal(Now.AddMinutes(-5), opened.StartedAt);
        Assert.Equal((Now, Ada, command.OperationId), (opened.At, opened.By, opened.OperationId));
        var state = IncidentFold.Apply(Guid.NewGuid(), null, opened);
        Assert.Equal((1L, IncidentStatus.Open, null), (state.Version, state.Status, state.ResolvedAt));
        Assert.Equal(["checkout"], state.Services);
    }

    [Fact]
    public void Open_WithAStartInTheFuture_StartsNow()
    {
        var opened = (IncidentOpened)IncidentRules.Open(null, Open() with { StartedAt = Now.AddMinutes(1) }, Now).Events[0];
        Assert.Equal(Now, opened.StartedAt);
    }

    [Fact]
    public void Open_ByAnAlert_HasTheAlertAsEventTwo()
    {
        var decision = IncidentRules.Open(null, Open() with { Alert = Alert() }, Now);

        Assert.Equal(2, decision.Events.Length);
        Assert.Equal("f1", Assert.IsType<AlertFired>(decision.Events[1]).Alert.Fingerprint);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\r\n ")]
    public void Open_WithoutATitle_IsRefusedInTheExactWords(string? title)
    {
        var refusal = IncidentRules.Open(null, Open() with { Title = title! }, Now).Refusal!;
        Assert.Equal((RefusalKind.Invalid, "incident.title_required", "Title is required"), (refusal.Kind, refusal.ErrorCode, refusal.Message));
    }

    [Theory]
    [InlineData(IncidentLimits.TitleLengthMax, 0, 0, null)]
    [InlineData(IncidentLimits.TitleLengthMax + 1, 0, 0, "incident.too_long")]
    [InlineData(1, IncidentLimits.DescriptionLengthMax, 100, null)]
    [InlineData(1, IncidentLimits.DescriptionLengthMax + 1, 0, "incident.too_long")]
    [InlineData(1, 0, 101, "incident.too_long")]
    public void Open_AtAndOverTheLimits(int title, int description, int service, string? code)
    {
        var command = Open(new('t', title)) with { Description = new('d', description), Service = new('s', service) };
        var refusal = IncidentRules.Open(null, command, Now).Refusal;
        Assert.Equal(code, refusal?.ErrorCode);
        Assert.Equal(code is null ? null : RefusalKind.TooLarge, refusal?.Kind);
    }

    [Fact]
    public void Open_WhereThereIsOne_IsRefused() =>
        Assert.Equal("incident.exists", IncidentRules.Open(PureIncident.Opened().State, Open(), Now).Refusal!.ErrorCode);

    [Fact]
    public void HostileText_IsKeptToTheLetter_ButWhatStorageCannotHoldIsReplaced()
    {
        const string hostile = "<script>alert(1)</script> ' OR 1=1; -- \u202e\ud83d\ude80 {{7*7}}";
        Assert.Equal(hostile, ((EntryPosted)PureIncident.Opened().Do(Post(hostile)).Events[0]).Text);
        Assert.Equal("b\ufffdc\ufffd", ((EntryPosted)PureIncident.Opened().Do(Post("b\ud83dc\ude80")).Events[0]).Text);
    }

    [Fact]
    public void Nul_IsRefusedInEveryText_WithTheFieldsName()
    {
        AssertBad("Title", IncidentRules.Open(null, Open("a\0"), Now));
        AssertBad("Description", IncidentRules.Open(null, Open() with { Description = "a\0" }, Now));
        AssertBad("Service", IncidentRules.Open(null, Open() with { Service = "\0checkout" }, Now));
        AssertBad("The author's name", IncidentRules.Open(null, Open() with { By = Ada with { Name = "A\0da" } }, Now));
        AssertBad("Title", PureIncident.Opened().Do(Change() with { Title = "a\0" }));
        AssertBad("Description", PureIncident.Opened().Do(Change() with { Description = "\0" }));
        AssertBad("Reason", PureIncident.Opened().Do(To(IncidentStatus.Resolved) with { Reason = "\0" }));
        AssertBad("Text", PureIncident.Opened().Do(Post("a\0b")));
        AssertBad("Service", PureIncident.Opened().Do(Link("fine", "pay\0ments")));

        static void AssertBad(string what, IncidentDecision decision)
        {
            Assert.Equal((RefusalKind.Invalid, "incident.bad_text"), (decision.Refusal?.Kind, decision.Refusal?.ErrorCode));
            Assert.StartsWith($"{what} contains the character NUL", decision.Refusal!.Message, StringComparison.Ordinal);
            Assert.Empty(decision.Events);
        }
    }

    [Fact]
    public void EveryTransition_IsAsTheContractSays()
    {
        foreach (var from in Enum.GetValues<IncidentStatus>())
        {
            foreach (var to in Enum.GetValues<IncidentStatus>())
            {
                var incident = PureIncident.In(from);
                var before = incident.State!;
                var isLegal = from == to || (from == IncidentStatus.Resolved ? to == IncidentStatus.Open : to != IncidentStatus.Open);

                var decision = incident.Do(To(to) with { Reason = "because" });

                if (!isLegal)
                {
                    Assert.Equal((RefusalKind.Conflict, "incident.illegal_transition"), (decision.Refusal?.Kind, decision.Refusal?.ErrorCode));
                    Assert.Same(before, incident.State);
                    continue;
                }

                Assert.Null(decision.Refusal);
                Assert.Equal(from == to ? 0 : 1, decision.Events.Length);
                Assert.Equal(to, incident.State!.Status);
                Assert.Equal(to == IncidentStatus.Resolved, incident.State.ResolvedAt is not null);
            }
        }
    }

    [Fact]
    public void Change_OfSeveralFields_IsOneEventForEachThatDiffers()
    {
        var incident = PureIncident.Opened();
        var decision = incident.Do(Change() with
        {
            Title = "Checkout is down", Description = "", Severity = Severity.Critical, Status = IncidentStatus.Investigating, Reason = "taken up", ExpectedVersion = 1,
        });

        Assert.Equal([typeof(TitleChanged), typeof(SeverityChanged), typeof(StatusChanged)], decision.Events.Select(happened => happened.GetType()));
        Assert.Equal("taken up", ((StatusChanged)decision.Events[2]).Reason);
        Assert.Equal(("Checkout is down", Severity.Critical, IncidentStatus.Investigating, 4L), (incident.State!.Title, incident.State.Severity, incident.State.Status, incident.State.Version));
    }

    [Fact]
    public void Change_ToWhatIs_ChangesNothing()
    {
        var incident = PureIncident.Opened();
        var decision = incident.Do(Change() with { Title = " Checkout is slow ", Severity = Severity.High, Status = IncidentStatus.Open, Description = "" });
        Assert.Equal((0, null), (decision.Events.Length, decision.Refusal));
    }

    [Fact]
    public void Change_WithAnIllegalPart_ChangesNothingAtAll()
    {
        var incident = PureIncident.In(IncidentStatus.Monitoring);
        var decision = incident.Do(Change() with { Title = "Other", Status = IncidentStatus.Open });
        Assert.Equal("incident.illegal_transition", decision.Refusal!.ErrorCode);
        Assert.Equal("Checkout is slow", incident.State!.Title);
    }

    [Fact]
    public void Change_AtAnotherVersion_IsRefused()
    {
        var decision = PureIncident.Opened().Do(Change() with { Title = "Other", ExpectedVersion = 7 });
        Assert.Equal((RefusalKind.Conflict, "incident.version_mismatch"), (decision.Refusal?.Kind, decision.Refusal?.ErrorCode));
    }

    [Fact]
    public void EveryCommandButOpen_WithoutAnIncident_IsNotFound()
    {
        Assert.All(
            [
                IncidentRules.Change(null, Change() with { Title = "x" }, Now), IncidentRules.Post(null, Post(), Now),
                IncidentRules.Link(null, Link("a"), Now), IncidentRules.RecordAlert(null, Record(Alert()), Now),
            ],
            decision => Assert.Equal((RefusalKind.NotFound, "incident.not_found"), (decision.Refusal?.Kind, decision.Refusal?.ErrorCode)));
    }

    [Fact]
    public void Post_OnAResolvedIncident_IsPossible_AndAnEmptyOneIsNot()
    {
        var incident = PureIncident.In(IncidentStatus.Resolved);
        Assert.Single(incident.Do(Post("what we learned")).Events);
        Assert.Equal("incident.text_required", incident.Do(Post(" \n")).Refusal!.ErrorCode);
        Assert.Equal("incident.too_long", incident.Do(Post(new('x', IncidentLimits.EntryLengthMax + 1))).Refusal!.ErrorCode);
    }

    [Fact]
    public void Link_AddsWhatIsNotLinked_UpToTheLimit()
    {
        var incident = PureIncident.Opened();
        Assert.Equal(["payments"], ((ServicesLinked)incident.Do(Link("Checkout", "payments", " PAYMENTS ")).Events[0]).Services);
        Assert.Empty(incident.Do(Link("payments")).Events);
        Assert.Equal("incident.services_required", incident.Do(Link(" ")).Refusal!.ErrorCode);
        Assert.Equal("incident.too_many_services", incident.Do(Link([.. Enumerable.Range(0, IncidentLimits.ServicesMax - 1).Select(i => $"s{i}")])).Refusal!.ErrorCode);
        Assert.Equal(["checkout", "payments"], incident.State!.Services);
    }

    [Fact]
    public void Alerts_FireOnceAndEndOnce_AndDoNotResolveTheIncident()
    {
        var incident = PureIncident.Opened();
        Assert.Single(incident.Do(Record(Alert())).Events);
        Assert.Empty(incident.Do(Record(Alert())).Events);
        Assert.Equal(1, incident.State!.AlertsFiring);

        Assert.Single(incident.Do(Record(Alert(endMinute: 5))).Events);
        Assert.Empty(incident.Do(Record(Alert(endMinute: 6))).Events);
        Assert.Equal((0, IncidentStatus.Open), (incident.State!.AlertsFiring, incident.State.Status));
    }

    [Fact]
    public void Alert_ThatFires_IsRefusedByAResolvedIncident_UnlessItIsKnownThere()
    {
        var incident = PureIncident.Opened();
        incident.Do(Record(Alert()));
        incident.Do(To(IncidentStatus.Resolved));

        Assert.Null(incident.Do(Record(Alert())).Refusal);
        Assert.Equal("incident.already_resolved", incident.Do(Record(Alert("other"))).Refusal!.ErrorCode);
        Assert.Single(incident.Do(Record(Alert(endMinute: 5))).Events);
    }

    [Fact]
    public void Alerts_OverTheLimit_OldestThatAreOverGoFirst()
    {
        var incident = PureIncident.Opened();
        for (var i = 0; i < IncidentLimits.AlertsMax; i++)
            incident.Do(Record(Alert($"f{i}")));
        incident.Do(Record(Alert("f3", endMinute: 1)));

        incident.Do(Record(Alert("new")));
        incident.Do(Record(Alert("newer")));

        var kept = incident.State!.Alerts.Select(alert => alert.Fingerprint).ToList();
        Assert.Equal(IncidentLimits.AlertsMax, kept.Count);
        Assert.DoesNotContain("f3", kept);
        Assert.DoesNotContain("f0", kept);
        Assert.Equal(["new", "newer"], kept[^2..]);
    }

    [Fact]
    public void Alert_ThatFiresAnew_EndsItsEarlierFiring()
    {
        var incident = PureIncident.Opened();
        incident.Do(Record(Alert()));
        incident.Do(Record(Alert(startMinute: 10)));
        Assert.Equal([Now.AddMinutes(10), null], incident.State!.Alerts.Select(alert => alert.EndsAt));
    }

    [Fact]
    public void UnknownValuesAndAuthors_AreRefused()
    {
        Assert.Equal("incident.unknown_value", IncidentRules.Open(null, Open() with { Severity = (Severity)9 }, Now).Refusal!.ErrorCode);
        Assert.Equal("incident.unknown_value", PureIncident.Opened().Do(To((IncidentStatus)9)).Refusal!.ErrorCode);
        Assert.Equal("incident.author_required", PureIncident.Opened().Do(Post() with { By = Ada with { Name = " " } }).Refusal!.ErrorCode);
        Assert.Equal("incident.too_long", PureIncident.Opened().Do(Post() with { By = Ada with { Name = new('a', 81) } }).Refusal!.ErrorCode);
    }

    [Fact]
    public void OverlongAlert_IsCutAndNotLost()
    {
        var alert = Alert() with
        {
            Name = new('n', 500), Summary = new('s', 5_000), SourceUrl = "javascript:alert(1)",
            Labels = Enumerable.Range(0, 100).ToDictionary(i => $"label{i:000}", i => new string('v', 2_000)).ToSortedLabels(),
        };
        var fired = ((AlertFired)PureIncident.Opened().Do(Record(alert)).Events[0]).Alert;
        Assert.Equal((AlertLimits.NameLengthMax, AlertLimits.SummaryLengthMax, null), (fired.Name.Length, fired.Summary.Length, fired.SourceUrl));
        Assert.Equal(AlertLimits.LabelsMax, fired.Labels.Count);
        Assert.All(fired.Labels.Values, value => Assert.Equal(AlertLimits.LabelValueLengthMax, value.Length));
    }
}
