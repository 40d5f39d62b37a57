using Orleans;
using Orleans.Runtime;
using Warroom.Persistence;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

/// <summary>Connections that break around a commit: what was acknowledged is there once, what is there once was acknowledged or is said to be unknown.</summary>
public sealed class CommitOutcomeTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private const string Marker = "cut me here";

    [Theory]
    [InlineData(nameof(Cut.BeforeTheServer), 0)]
    [InlineData(nameof(Cut.TheAnswer), 3)]
    public async Task AppendAsync_ConnectionCutAroundTheCommit_IsThereOnceAndAcknowledged(string cut, int foundThere)
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var storage = new StorageUnderTest(proxy.ConnectionString, options => options.Writers = 1);
        var (first, second) = (await NoteWriter.LoadAsync(storage.Notes), await NoteWriter.LoadAsync(storage.Notes));
        await using var batch = await HeldBatch.BeginAsync(storage, database.ConnectionString);
        var operation = Guid.CreateVersion7();
        Task[] appends = [first.AppendAsync(operationId: operation, marker: Marker), first.AppendAsync(events: 0), second.AppendAsync(operationId: operation)];
        proxy.CutAt(Marker, Enum.Parse<Cut>(cut));

        await batch.GoAsync();
        await Eventually.CompletesAsync("the appends to be settled", Task.WhenAll(appends));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(foundThere, storage.Counted("warroom.db.outcomes.resolved"));
        await LogCheck.IsWholeAsync(database.ConnectionString, first.Id, 1);
        await LogCheck.IsWholeAsync(database.ConnectionString, second.Id, 1);
        Assert.Equal(1, await storage.Notes.FindOperationAsync(first.Id, operation));
    }

    [Fact]
    public async Task AppendAsync_ConnectionCutWhileTheServerWorks_WaitsForItAndIsThereOnce()
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var storage = new StorageUnderTest(proxy.ConnectionString, options => options.Writers = 1);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync();
        await using var hold = await RowLock.TakeAsync(database.ConnectionString, writer.Id);
        proxy.CutAt(Marker, Cut.WhileTheServerWorks);
        var append = writer.AppendAsync(operationId: Guid.CreateVersion7(), marker: Marker);
        // The ghost of the first attempt and the second attempt both wait for the row.
        await Eventually.HoldsAsync(
            "two sessions to wait for the row",
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 2);

        await hold.ReleaseAsync();
        await Eventually.CompletesAsync("the append to be settled", append);

        Assert.Equal(1, storage.Counted("warroom.db.outcomes.resolved"));
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 2);
    }

    [Theory]
    [InlineData(nameof(Cut.BeforeTheServer), false)]
    [InlineData(nameof(Cut.TheAnswer), true)]
    public async Task AppendAsync_DatabaseStaysAway_IsSaidToBeUnknown(string cut, bool isThere)
    {
        await using var proxy = new CuttingProxy(database.ConnectionString) { RefuseAfterCut = true };
        await using var storage = new StorageUnderTest(proxy.ConnectionString, options => options.WriteRetrySeconds = 1);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync();
        var operation = Guid.CreateVersion7();
        proxy.CutAt(Marker, Enum.Parse<Cut>(cut));

        await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => writer.AppendAsync(operationId: operation, marker: Marker));

        Assert.Equal(1, storage.Counted("warroom.db.outcomes.unknown"));
        // The operation id finds it out later, as a resend would.
        await using var later = new StorageUnderTest(database.ConnectionString);
        Assert.Equal(isThere, await later.Notes.FindOperationAsync(writer.Id, operation) is not null);
    }

    [Fact]
    public async Task AppendAsync_DatabaseAwayFromTheStart_FailsAsAnOutage()
    {
        var proxy = new CuttingProxy(database.ConnectionString);
        await proxy.DisposeAsync();
        await using var reachable = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(reachable.Notes);
        await using var storage = new StorageUnderTest(proxy.ConnectionString, options => options.WriteRetrySeconds = 1);

        var failure = await Record.ExceptionAsync(() => storage.Notes.AppendAsync(writer.Next()));

        Assert.IsType<Npgsql.NpgsqlException>(failure);
        Assert.Equal(0, storage.Counted("warroom.db.outcomes.unknown"));
    }

    [Theory]
    [InlineData(nameof(Cut.BeforeTheServer))]
    [InlineData(nameof(Cut.TheAnswer))]
    public async Task WriteStateAsync_ConnectionCutAroundTheCommit_HasTheRightETag(string cut)
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var storage = new StorageUnderTest(proxy.ConnectionString);
        var (id, state) = (GrainId.Create("card", Guid.NewGuid().ToString("N")), new CardState());
        await storage.Cards.WriteStateAsync("card", id, state);
        proxy.CutAt(Marker, Enum.Parse<Cut>(cut));
        state.State = new() { Text = Marker };

        await storage.Cards.WriteStateAsync("card", id, state);

        Assert.Equal("2", state.ETag);
        Assert.Equal(cut == nameof(Cut.TheAnswer) ? 1 : 0, storage.Counted("warroom.db.outcomes.resolved"));
        await storage.Cards.WriteStateAsync("card", id, state);
        Assert.Equal(3, await database.ScalarAsync<long>($"SELECT version FROM cards WHERE key = '{id.Key}'"));
    }

    [Fact]
    public async Task AppendAsync_SessionsTerminatedAllTheTime_NobodyNotices()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => NoteWriter.LoadAsync(storage.Notes)));
        using var done = new CancellationTokenSource();
        var killed = 0L;
        var nemesis = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                killed += await database.ScalarAsync<long>(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'warroom' AND (state = 'active' OR wait_event_type = 'Lock' OR random() < 0.2)");
            }
        });

        await Task.WhenAll(writers.Select(async writer =>
        {
            for (var i = 0; i < 60; i++)
                await writer.AppendAsync(operationId: Guid.CreateVersion7());
        }));
        await done.CancelAsync();
        await nemesis;

        Assert.True(killed > 0, "Nothing was terminated.");
        Assert.True(storage.Counted("warroom.db.retries") > 0, "Nothing was tried again.");
        Assert.Equal(0, storage.Counted("warroom.db.outcomes.unknown"));
        foreach (var writer in writers)
            await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 60);
    }

    [Fact]
    public async Task AppendAsync_SerializationFailures_AreTriedAgain()
    {
        await using var own = await TestDatabase.CreateAsync();
        await Sql.ExecuteAsync(own.ConnectionString, TestTables.Sql);
        await Sql.ExecuteAsync(own.ConnectionString, """
            CREATE FUNCTION refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
              BEGIN IF random() < 0.3 THEN RAISE EXCEPTION 'made up' USING ERRCODE = 'serialization_failure'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER notes_refuse_some BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION refuse_some();
            """);
        await using var storage = new StorageUnderTest(own.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);

        for (var i = 0; i < 50; i++)
            await writer.AppendAsync(operationId: Guid.CreateVersion7());

        Assert.True(storage.Counted("warroom.db.retries") > 0, "Nothing was tried again.");
        await LogCheck.IsWholeAsync(own.ConnectionString, writer.Id, 50);
    }

    [Fact]
    public async Task ReadsAndWrites_ServerKilledAndStartedAgain_GoOn()
    {
        await using var server = await PostgresServer.StartPrivateAsync();
        await using var own = await server.CreateDatabaseAsync();
        await Sql.ExecuteAsync(own.ConnectionString, TestTables.Sql);
        await using var storage = new StorageUnderTest(own.ConnectionString, options => options.ReadRetrySeconds = 30);
        var writers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => NoteWriter.LoadAsync(storage.Notes)));
        await Task.WhenAll(writers.Select(writer => writer.AppendAsync()));

        await server.KillAsync();
        var appends = writers.Select(writer => writer.AppendAsync(operationId: Guid.CreateVersion7())).ToList();
        var read = storage.Notes.LoadAsync(writers[0].Id);
        await server.StartAgainAsync();

        await Eventually.CompletesAsync("the appends to be settled", Task.WhenAll(appends));
        await Eventually.CompletesAsync("the read to be answered", read);
        foreach (var writer in writers)
            await LogCheck.IsWholeAsync(own.ConnectionString, writer.Id, 2);
    }

    [Fact]
    public async Task LoadAsync_PoolExhausted_TimesOutCleanlyWhileWritesGoOn()
    {
        await using var storage = new StorageUnderTest(
            database.ConnectionString, options => (options.PoolSizeMin, options.PoolSizeMax, options.ConnectTimeoutSeconds, options.ReadRetrySeconds, options.Writers) = (0, 5, 1, 0, 1));
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync();
        var held = new List<Npgsql.NpgsqlConnection>();
        for (var i = 0; i < 4; i++)
            held.Add(await storage.Source.OpenConnectionAsync());

        var failure = await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => storage.Notes.LoadAsync(writer.Id));
        await writer.AppendAsync();

        Assert.Contains("pool", failure.Message, StringComparison.OrdinalIgnoreCase);
        foreach (var connection in held)
            await connection.DisposeAsync();
        Assert.Equal(2, (await storage.Notes.LoadAsync(writer.Id)).Version);
    }

    private sealed class CardState : IGrainState<Card>
    {
        public Card State { get; set; } = new();

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }
}
