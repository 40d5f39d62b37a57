using Orleans.Storage;
using Warroom.Persistence;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

public sealed class GrainLogTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task LoadAsync_NoRow_IsEmptyAtGenesis()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);

        var row = await storage.Notes.LoadAsync(Guid.CreateVersion7());

        Assert.Equal(new LogSnapshot<Note>(null, 0, 0, EventHash.Genesis), row);
    }

    [Fact]
    public async Task AppendAsync_Completed_IsThereToTheLetter()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        var operation = Guid.CreateVersion7();
        var append = writer.Next("first", operation, events: 3, tags: ["a", "b"]);

        await storage.Notes.AppendAsync(append);

        Assert.Equal(append.Events, await storage.Notes.ReadAsync(writer.Id, 0, 1_000));
        Assert.Equal(append.Events.Skip(1).Take(1), await storage.Notes.ReadAsync(writer.Id, 1, 1));
        Assert.Equal(3, await storage.Notes.FindOperationAsync(writer.Id, operation));
        Assert.Null(await storage.Notes.FindOperationAsync(writer.Id, Guid.NewGuid()));
        var row = await storage.Notes.LoadAsync(writer.Id);
        Assert.Equal((3, 1, append.Hash, "first"), (row.Version, row.Epoch, row.Hash, row.State!.Text));
        Assert.Equal(["a", "b"], await Sql.LinesAsync(database.ConnectionString, $"SELECT tag FROM notes_tags WHERE note_id = '{writer.Id}' ORDER BY tag"));
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 3);
    }

    [Fact]
    public async Task AppendAsync_WithoutEvents_WritesTheStateAlone()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync("begun");

        await writer.AppendAsync("so far", events: 0);

        var row = await storage.Notes.LoadAsync(writer.Id);
        Assert.Equal((1, "so far"), (row.Version, row.State!.Text));
    }

    [Fact]
    public async Task AppendAsync_StaleVersion_IsRefusedWithBothVersions()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync();
        await writer.AppendAsync();
        var (current, stale) = (await NoteWriter.LoadAsync(storage.Notes, writer.Id), await NoteWriter.LoadAsync(storage.Notes, writer.Id));
        await current.AppendAsync();

        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => stale.AppendAsync());

        Assert.Equal(("3@2", "2@1"), (refused.StoredEtag, refused.CurrentEtag));
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 3);
    }

    [Fact]
    public async Task AppendAsync_OldEpoch_IsRefused()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var old = await NoteWriter.LoadAsync(storage.Notes);
        await old.AppendAsync();
        // Claims the row without an event: version and hash stay as the old activation knows them, only the epoch tells.
        await (await NoteWriter.LoadAsync(storage.Notes, old.Id)).AppendAsync(events: 0);

        await Assert.ThrowsAsync<InconsistentStateException>(() => old.AppendAsync("stale"));

        await LogCheck.IsWholeAsync(database.ConnectionString, old.Id, 1);
    }

    [Fact]
    public async Task AppendAsync_TwoProcessesClaimOneEpoch_NothingOfTheLoserIsThere()
    {
        await using var one = new StorageUnderTest(database.ConnectionString);
        await using var other = new StorageUnderTest(database.ConnectionString);
        var id = (await NoteWriter.LoadAsync(one.Notes)).Id;
        await (await NoteWriter.LoadAsync(one.Notes, id)).AppendAsync();
        var (winner, loser) = (await NoteWriter.LoadAsync(one.Notes, id), await NoteWriter.LoadAsync(other.Notes, id));
        await winner.AppendAsync("winner", events: 0);

        var first = loser.Next("loser", events: 0);
        await Assert.ThrowsAsync<InconsistentStateException>(() => other.Notes.AppendAsync(first));
        // Same version, epoch and hash as the winner's row, yet not this process's epoch.
        var second = loser.Next("loser", events: 0);
        await Assert.ThrowsAsync<InconsistentStateException>(() => other.Notes.AppendAsync(second));

        Assert.Equal("winner", (await one.Notes.LoadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task AppendAsync_AnotherHistoryUnderTheSameNumbers_IsRefused()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var id = (await NoteWriter.LoadAsync(storage.Notes)).Id;
        var (winner, stranger) = (await NoteWriter.LoadAsync(storage.Notes, id), await NoteWriter.LoadAsync(storage.Notes, id));
        await winner.AppendAsync(marker: "winner");
        stranger.Next(marker: "stranger");

        await Assert.ThrowsAsync<InconsistentStateException>(() => stranger.AppendAsync(marker: "on top"));

        await LogCheck.IsWholeAsync(database.ConnectionString, id, 1);
    }

    [Fact]
    public async Task AppendAsync_OperationStoredAlready_SaysWhereAndWritesNothing()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        var operation = Guid.CreateVersion7();
        await writer.AppendAsync(operationId: operation, events: 2);

        var repeated = await Assert.ThrowsAsync<OperationRepeatedException>(() => writer.AppendAsync(operationId: operation));

        Assert.Equal((operation, 2L), (repeated.OperationId, repeated.Seq));
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AppendAsync_GapInTheNumbers_IsRefusedBeforeAnythingIsSent(int skipped)
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var append = (await NoteWriter.LoadAsync(storage.Notes)).Next(events: 3);

        await Assert.ThrowsAsync<ArgumentException>(() => storage.Notes.AppendAsync(append with { Events = [.. append.Events.Where((_, i) => i != skipped - 1)] }));

        Assert.Equal(0, await storage.Notes.LoadAsync(append.OwnerId) is { Version: var version } ? version : -1);
    }

    [Fact]
    public async Task AppendAsync_TogetherWithLosersAndPoison_OnlyTheseFail()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString, options => options.Writers = 1);
        var good = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => NoteWriter.LoadAsync(storage.Notes)));
        var stale = await NoteWriter.LoadAsync(storage.Notes);
        await (await NoteWriter.LoadAsync(storage.Notes, stale.Id)).AppendAsync();
        var repeating = await NoteWriter.LoadAsync(storage.Notes);
        var operation = Guid.CreateVersion7();
        await repeating.AppendAsync(operationId: operation);
        var (poisoned, unstorable) = (await NoteWriter.LoadAsync(storage.Notes), await NoteWriter.LoadAsync(storage.Notes));

        await using var batch = await HeldBatch.BeginAsync(storage, database.ConnectionString);
        var passing = good.Select(writer => writer.AppendAsync("fine")).ToList();
        var loser = stale.AppendAsync();
        var repeat = repeating.AppendAsync(operationId: operation);
        var poison = poisoned.AppendAsync("poison");
        var halfCharacter = unstorable.AppendAsync("\ud800");
        var behindPoison = poisoned.AppendAsync("poison");
        var commitsBefore = storage.Counted("warroom.db.batch.size");
        await batch.GoAsync();

        await Task.WhenAll(passing).WaitAsync(Eventually.Timeout);
        await Assert.ThrowsAsync<InconsistentStateException>(() => loser);
        await Assert.ThrowsAsync<OperationRepeatedException>(() => repeat);
        Assert.Equal("notes_text_wholesome", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => poison)).ConstraintName);
        await Assert.ThrowsAsync<ArgumentException>(() => halfCharacter);
        await Assert.ThrowsAsync<InconsistentStateException>(() => behindPoison);
        Assert.True(storage.Counted("warroom.db.batch.size") - commitsBefore < 25, "They did not travel together.");
        foreach (var writer in good)
            await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 1);
        await LogCheck.IsWholeAsync(database.ConnectionString, poisoned.Id, 0);
        await LogCheck.IsWholeAsync(database.ConnectionString, repeating.Id, 1);
    }

    [Fact]
    public async Task AppendAsync_RefusedOnlyAtTheCommit_FailsAndLeavesNothing()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString, options => options.Writers = 1);
        var (bad, good) = (await NoteWriter.LoadAsync(storage.Notes), await NoteWriter.LoadAsync(storage.Notes));

        await using var batch = await HeldBatch.BeginAsync(storage, database.ConnectionString);
        var refused = bad.AppendAsync("poison at commit");
        var fine = good.AppendAsync("fine");
        await batch.GoAsync();

        Assert.Contains("refused at commit", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => refused)).MessageText, StringComparison.Ordinal);
        await fine;
        await LogCheck.IsWholeAsync(database.ConnectionString, bad.Id, 0);
        await LogCheck.IsWholeAsync(database.ConnectionString, good.Id, 1);
    }

    [Fact]
    public async Task AppendAsync_ManyOfOneOwnerAtOnce_AreOneCommitInOrder()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        await writer.AppendAsync();
        await using var hold = await RowLock.TakeAsync(database.ConnectionString, writer.Id);
        var first = writer.AppendAsync();
        await LockWaitAsync();
        var commitsBefore = storage.Counted("warroom.db.batch.size");
        var appends = Enumerable.Range(0, 300).Select(i => writer.AppendAsync(operationId: Guid.CreateVersion7(), events: i % 3)).ToList();

        await hold.ReleaseAsync();
        await Task.WhenAll(appends);

        await first;
        Assert.True(storage.Counted("warroom.db.batch.size") - commitsBefore <= 3, "They were not committed together.");
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 302);
    }

    [Fact]
    public async Task AppendAsync_RepeatWithinMany_ThoseBeforeItAreThereThoseBehindAreNot()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writer = await NoteWriter.LoadAsync(storage.Notes);
        var operation = Guid.CreateVersion7();
        await writer.AppendAsync(operationId: operation);
        await using var hold = await RowLock.TakeAsync(database.ConnectionString, writer.Id);
        var first = writer.AppendAsync();
        await LockWaitAsync();
        var before = writer.AppendAsync(operationId: Guid.CreateVersion7());
        var repeat = writer.AppendAsync(operationId: operation);
        var behind = writer.AppendAsync(operationId: Guid.CreateVersion7());

        await hold.ReleaseAsync();

        await first;
        await before;
        Assert.Equal(1, (await Assert.ThrowsAsync<OperationRepeatedException>(() => repeat)).Seq);
        await Assert.ThrowsAsync<InconsistentStateException>(() => behind);
        await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 3);
    }

    [Fact]
    public async Task AppendAsync_ThousandsAtOnce_EveryLogIsWhole()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => NoteWriter.LoadAsync(storage.Notes)));

        await Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            var inFlight = new Queue<Task>();
            for (var i = 0; i < 80; i++)
            {
                inFlight.Enqueue(writer.AppendAsync($"{i}", Guid.CreateVersion7(), events: 1 + (i % 2)));
                if (inFlight.Count > 8)
                    await inFlight.Dequeue();
            }

            await Task.WhenAll(inFlight);
        })));

        foreach (var writer in writers)
            await LogCheck.IsWholeAsync(database.ConnectionString, writer.Id, 120);
        var ids = string.Join(", ", writers.Select(writer => $"'{writer.Id}'"));
        Assert.Equal(8_000, await database.ScalarAsync<long>($"SELECT count(*) FROM note_operations WHERE note_id IN ({ids})"));
        Assert.True(storage.Counted("warroom.db.batch.size") < 8_000, "Nothing travelled together.");
    }

    [Fact]
    public async Task AppendAsync_TooManyWait_IsRefusedAndTheOthersGoOn()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString, options => (options.QueueSizeMax, options.Writers) = (10, 1));
        var writers = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => NoteWriter.LoadAsync(storage.Notes)));
        await using var batch = await HeldBatch.BeginAsync(storage, database.ConnectionString);
        var waiting = writers.Select(writer => writer.AppendAsync()).ToList();

        var refused = await Assert.ThrowsAsync<DomainException>(async () => await (await NoteWriter.LoadAsync(storage.Notes)).AppendAsync());

        Assert.Equal((RefusalKind.Unavailable, "storage.overloaded"), (refused.Kind, refused.ErrorCode));
        Assert.Equal(1, storage.Counted("warroom.db.writes.refused"));
        await batch.GoAsync();
        await Task.WhenAll(waiting);
        await (await NoteWriter.LoadAsync(storage.Notes)).AppendAsync();
    }

    [Fact]
    public async Task DisposeAsync_WritesWait_GivesThemTheirOutcomeFirst()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var writers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => NoteWriter.LoadAsync(storage.Notes)));
        var appends = writers.Select(writer => writer.AppendAsync()).ToList();

        await storage.Commit.DisposeAsync();

        Assert.All(appends, append => Assert.True(append.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writers[0].AppendAsync());
    }

    private Task LockWaitAsync() => HeldBatch.LockWaitAsync(database.ConnectionString);
}
