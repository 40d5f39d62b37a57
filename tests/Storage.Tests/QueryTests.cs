using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Incidents;
using Warroom.Persistence;
using Warroom.Services;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

/// <summary>The product's own tables, written through both doors and read by the queries of the front end, registered as the product registers them.</summary>
public sealed class QueryTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Author Somebody = new() { Kind = AuthorKind.Person, Name = "Ada" };
    private TestDatabase _database = null!;
    private IHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:Warroom"] = _database.ConnectionString });
        builder.AddWarroomPersistence();
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Incident_Stored_IsFoundWithAllOfIt()
    {
        var state = Incident(1, "Disk full", service: "db") with
        {
            Description = "ä\n\"☃",
            Alerts = [new IncidentAlert { Fingerprint = "f", Name = "DiskFull", StartsAt = Noon }, new IncidentAlert { Fingerprint = "g", Name = "DiskFull", StartsAt = Noon, EndsAt = Noon }],
        };
        await StoreAsync(state);

        var view = await Get<IncidentQueries>().FindAsync(state.Id);
        var summary = Assert.Single((await Get<IncidentQueries>().ListAsync(IncidentFilter.All, 50, 0)).Items);

        Assert.Equal(JsonSerializer.Serialize(state.ToView(), WarroomJson.Wire.IncidentView), JsonSerializer.Serialize(view, WarroomJson.Wire.IncidentView));
        Assert.Equal(state.ToSummary(), summary);
        Assert.Equal(1, summary.AlertsFiring);
        Assert.Null(await Get<IncidentQueries>().FindAsync(Guid.NewGuid()));
        Assert.Equal(JsonSerializer.Serialize(state.ToView(), WarroomJson.Wire.IncidentView), JsonSerializer.Serialize((await Get<IGrainLog<IncidentState>>().LoadAsync(state.Id)).State!.ToView(), WarroomJson.Wire.IncidentView));
    }

    [Fact]
    public async Task Incidents_Listed_NewestChangeFirstInPagesWithTheirTotal()
    {
        for (var i = 1; i <= 5; i++)
            await StoreAsync(Incident(i, $"number {i}"));
        var queries = Get<IncidentQueries>();

        var (first, last) = (await queries.ListAsync(IncidentFilter.All, 2, 0), await queries.ListAsync(IncidentFilter.All, 2, 4));

        Assert.Equal(["number 5", "number 4"], first.Items.Select(item => item.Title));
        Assert.Equal(["number 1"], last.Items.Select(item => item.Title));
        Assert.Equal((5, 5), (first.Total, last.Total));
    }

    [Fact]
    public async Task Incidents_Filtered_OnlyThoseThatFit()
    {
        await StoreAsync(Incident(1, "Disk 100% full", Severity.Critical, service: "db"));
        await StoreAsync(Incident(2, "disk 100 of 100", Severity.Low, IncidentStatus.Investigating, service: "api") with { Services = ["api", "db"] });
        await StoreAsync(Incident(3, "slow_query", Severity.High, IncidentStatus.Resolved, service: "db") with { Description = "it was a DISK" });
        await StoreAsync(Incident(4, "slow query", Severity.High));

        await ListsAsync(new() { ActiveOnly = true }, 4, 2, 1);
        await ListsAsync(new() { Statuses = [IncidentStatus.Resolved, IncidentStatus.Investigating] }, 3, 2);
        await ListsAsync(new() { Severities = [Severity.Critical, Severity.Low] }, 2, 1);
        await ListsAsync(new() { Services = ["db"] }, 3, 2, 1);
        await ListsAsync(new() { Services = ["db"], ActiveOnly = true, Severities = [Severity.Low] }, 2);
        await ListsAsync(new() { Text = " dISK " }, 3, 2, 1);
        await ListsAsync(new() { Text = "100%" }, 1);
        await ListsAsync(new() { Text = "slow_" }, 3);
        await ListsAsync(new() { Text = "\\" });
        await ListsAsync(new() { Text = "x\0" });

        async Task ListsAsync(IncidentFilter filter, params int[] expected)
        {
            var page = await Get<IncidentQueries>().ListAsync(filter, 200, 0);
            Assert.Equal(expected, page.Items.Select(item => item.UpdatedAt.Minute));
            Assert.Equal(expected.Length, page.Total);
        }
    }

    [Fact]
    public async Task Timeline_InPages_SaysWhetherThereIsMore()
    {
        var state = Incident(1, "t");
        await StoreAsync(state, events: 5);
        var queries = Get<IncidentQueries>();

        var (first, last, beyond) = (await queries.TimelineAsync(state.Id, 0, 3), await queries.TimelineAsync(state.Id, 3, 3), await queries.TimelineAsync(state.Id, 9, 3));

        Assert.Equal([1, 2, 3], first!.Events.Select(logged => logged.Seq));
        Assert.Equal((5, true), (first.Version, first.More));
        Assert.Equal([4, 5], last!.Events.Select(logged => logged.Seq));
        Assert.Equal((5, false), (last.Version, last.More));
        Assert.Equal((0, 5, false), (beyond!.Events.Count, beyond.Version, beyond.More));
        Assert.Null(await queries.TimelineAsync(Guid.NewGuid(), 0, 3));
    }

    [Fact]
    public async Task Services_Stored_AreListedWithTheirOpenIncidents()
    {
        await WriteAsync("service", "db", new ServiceState { Name = "db", Description = "d", Owner = "o", DependsOn = ["disk"], Health = ServiceHealth.Degraded, Sample = true, CreatedAt = Noon, UpdatedAt = Noon });
        await WriteAsync("service", "api", new ServiceState { Name = "api", CreatedAt = Noon, UpdatedAt = Noon });
        await StoreAsync(Incident(1, "one", service: "db"));
        await StoreAsync(Incident(2, "two", service: "api") with { Services = ["api", "db"] });
        await StoreAsync(Incident(3, "over", status: IncidentStatus.Resolved, service: "db"));
        var queries = Get<ServiceQueries>();

        var (api, db) = ((await queries.ListAsync())[0], (await queries.FindAsync("db"))!);

        Assert.Equal(("api", 1), (api.Service.Name, api.OpenIncidents));
        Assert.Equal(("db", "d", "o", ServiceHealth.Degraded, true, Noon, 2), (db.Service.Name, db.Service.Description, db.Service.Owner, db.Service.Health, db.Service.Sample, db.Service.CreatedAt, db.OpenIncidents));
        Assert.Equal(["disk"], db.Service.DependsOn);
        Assert.Null(await queries.FindAsync("nothing"));
    }

    [Fact]
    public async Task Service_Cleared_IsListedNoMore()
    {
        var state = await WriteAsync("service", "db", new ServiceState { Name = "db", CreatedAt = Noon, UpdatedAt = Noon });

        await Storage.ClearStateAsync("service", GrainId.Create("service", "db"), state);

        Assert.Empty(await Get<ServiceQueries>().ListAsync());
        Assert.Null(await Get<ServiceQueries>().FindAsync("db"));
    }

    [Fact]
    public async Task Bots_Stored_AreListedByNumber()
    {
        foreach (var id in new[] { "BOT-1000", "BOT-002", "BOT-010" })
            await WriteAsync("bot", id, new BotState { Id = id, Name = id, Persona = "p", Model = "m", Status = BotStatus.Stopped, CreatedAt = Noon, UpdatedAt = Noon });
        await WriteAsync("bot-directory", "0", new BotDirectoryState { LastNumber = 1_000 });
        await WriteAsync("alert-router", "db", new AlertRouterState { Service = "db" });

        Assert.Equal(["BOT-002", "BOT-010", "BOT-1000"], (await Get<BotQueries>().ListAsync()).Select(bot => bot.Id));
        Assert.Equal(new BotView { Id = "BOT-002", Name = "BOT-002", Persona = "p", Model = "m", Status = BotStatus.Stopped, CreatedAt = Noon, UpdatedAt = Noon }, await Get<BotQueries>().FindAsync("BOT-002"));
    }

    [Fact]
    public async Task Sessions_Stored_AreListedByBot()
    {
        for (var i = 1; i <= 3; i++)
        {
            var id = Guid.CreateVersion7();
            var state = new SessionState { Id = id, BotId = i == 2 ? "BOT-002" : "BOT-001", Title = $"{i}", CreatedAt = Noon, UpdatedAt = Noon.AddMinutes(i), MessageCount = i };
            await Get<IGrainLog<SessionState>>().AppendAsync(Append(id, state, 2));
        }

        var (all, ofOne) = (await Get<SessionQueries>().ListAsync(null, 2, 0), await Get<SessionQueries>().ListAsync("BOT-001", 200, 0));

        Assert.Equal(["3", "2"], all.Items.Select(session => session.Title));
        Assert.Equal(3, all.Total);
        Assert.Equal(["3", "1"], ofOne.Items.Select(session => session.Title));
        Assert.Equal(2, ofOne.Total);
        Assert.Equal((2, 3), ((await Get<SessionQueries>().FindAsync(all.Items[0].Id))!.Version, all.Items[0].MessageCount));
        Assert.Equal(2, (await Get<SessionQueries>().EventsAsync(all.Items[0].Id, 0, 10))!.Events.Count);
    }

    private IGrainStorage Storage => _host.Services.GetRequiredKeyedService<IGrainStorage>("warroom");

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    private static IncidentState Incident(int minute, string title, Severity severity = Severity.Medium, IncidentStatus status = IncidentStatus.Open, string? service = null) => new()
    {
        Id = Guid.CreateVersion7(),
        Version = 1,
        Title = title,
        Severity = severity,
        Status = status,
        Service = service,
        Services = service is null ? [] : [service],
        CreatedAt = Noon,
        StartedAt = Noon,
        UpdatedAt = Noon.AddMinutes(minute),
        ResolvedAt = status == IncidentStatus.Resolved ? Noon : null,
        OpenedBy = Somebody,
    };

    private Task StoreAsync(IncidentState state, int events = 1) => Get<IGrainLog<IncidentState>>().AppendAsync(Append(state.Id, state, events));

    private static LogAppend<T> Append<T>(Guid id, T state, int events)
        where T : class
    {
        var (hash, logged) = (EventHash.Genesis, new List<LoggedEvent>());
        for (var seq = 1; seq <= events; seq++)
        {
            var body = $$"""{"kind":"posted","n":{{seq}}}""";
            hash = EventHash.Next(hash, id, seq, body);
            logged.Add(new() { Seq = seq, Hash = hash, Body = body });
        }

        return new() { OwnerId = id, ExpectedVersion = 0, ExpectedEpoch = 0, ExpectedHash = EventHash.Genesis, Epoch = 1, Events = logged, State = state, Hash = hash };
    }

    private async Task<StoredState<T>> WriteAsync<T>(string stateName, string key, T state)
    {
        var written = new StoredState<T> { State = state };
        await Storage.WriteStateAsync(stateName, GrainId.Create(stateName, key), written);
        var read = new StoredState<T> { State = state };
        await Storage.ReadStateAsync(stateName, GrainId.Create(stateName, key), read);
        Assert.True(read.RecordExists);
        return written;
    }

    private sealed class StoredState<T> : IGrainState<T>
    {
        public required T State { get; set; }

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }
}
