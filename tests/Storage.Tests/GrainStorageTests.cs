using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

public sealed class GrainStorageTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task ReadStateAsync_NoRecord_IsANewStateWithoutETag()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var state = new CardState { State = new() { Text = "old" }, ETag = "7", RecordExists = true };

        await storage.Cards.ReadStateAsync("card", NewId(), state);

        Assert.Equal(("", null, false), (state.State.Text, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task WriteStateAsync_Completed_AnotherActivationReadsIt()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState { State = new() { Text = "ä \" ☃" } });

        await storage.Cards.WriteStateAsync("card", id, state);

        var read = new CardState();
        await storage.Cards.ReadStateAsync("card", id, read);
        Assert.Equal((state.State, state.ETag, true), (read.State, read.ETag, read.RecordExists));
        Assert.Equal("ä \" ☃", await database.ScalarAsync<string>($"SELECT text FROM cards WHERE key = '{id.Key}'"));
    }

    [Fact]
    public async Task WriteStateAsync_EachTime_HasANewETag()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState());
        var etags = new HashSet<string?>();

        for (var i = 0; i < 5; i++)
        {
            await storage.Cards.WriteStateAsync("card", id, state);
            Assert.True(etags.Add(state.ETag));
        }
    }

    [Fact]
    public async Task WriteStateAsync_StaleETag_IsRefusedWithBoth()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState());
        await storage.Cards.WriteStateAsync("card", id, state);
        var stale = new CardState { State = new() { Text = "stale" }, ETag = state.ETag };
        await storage.Cards.WriteStateAsync("card", id, state);

        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.WriteStateAsync("card", id, stale));

        Assert.Equal((state.ETag, stale.ETag), (refused.StoredEtag, refused.CurrentEtag));
        Assert.Equal("", await database.ScalarAsync<string>($"SELECT text FROM cards WHERE key = '{id.Key}'"));
    }

    [Fact]
    public async Task WriteStateAsync_RecordExistsUnknownToTheWriter_IsRefused()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var id = NewId();
        await storage.Cards.WriteStateAsync("card", id, new CardState());

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.WriteStateAsync("card", id, new CardState()));
    }

    [Theory]
    [InlineData("42")]
    [InlineData("no number")]
    public async Task WriteStateAsync_ETagOfNoRecord_IsRefused(string etag)
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var id = NewId();

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.WriteStateAsync("card", id, new CardState { ETag = etag }));

        Assert.Equal(0, await database.ScalarAsync<long>($"SELECT count(*) FROM cards WHERE key = '{id.Key}'"));
    }

    [Fact]
    public async Task ClearStateAsync_Completed_ReadsAsNoRecord()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState { State = new() { Text = "gone" } });
        await storage.Cards.WriteStateAsync("card", id, state);

        await storage.Cards.ClearStateAsync("card", id, state);

        Assert.Equal(("", null, false), (state.State.Text, state.ETag, state.RecordExists));
        await storage.Cards.ReadStateAsync("card", id, state);
        Assert.Equal((null, false), (state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task WriteStateAsync_AfterClear_BeginsAgainAndOldETagsStayStale()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState());
        await storage.Cards.WriteStateAsync("card", id, state);
        var old = new CardState { ETag = state.ETag };
        await storage.Cards.ClearStateAsync("card", id, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.WriteStateAsync("card", id, old));
        await storage.Cards.WriteStateAsync("card", id, state);

        Assert.NotEqual(old.ETag, state.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.WriteStateAsync("card", id, old));
    }

    [Fact]
    public async Task ClearStateAsync_StaleETag_IsRefused()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        var (id, state) = (NewId(), new CardState());
        await storage.Cards.WriteStateAsync("card", id, state);
        var stale = new CardState { ETag = state.ETag };
        await storage.Cards.WriteStateAsync("card", id, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.Cards.ClearStateAsync("card", id, stale));
    }

    [Fact]
    public async Task ClearStateAsync_NoRecord_DoesNothing()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);

        await storage.Cards.ClearStateAsync("card", NewId(), new CardState());
    }

    [Fact]
    public async Task WriteStateAsync_ManyWithLosersAndPoison_OnlyTheseFail()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString, options => options.Writers = 1);
        await using var batch = await HeldBatch.BeginAsync(storage, database.ConnectionString);
        var good = Enumerable.Range(0, 100).Select(_ => storage.Cards.WriteStateAsync("card", NewId(), new CardState { State = new() { Text = "fine" } })).ToList();
        var loser = storage.Cards.WriteStateAsync("card", NewId(), new CardState { ETag = "9" });
        var poison = storage.Cards.WriteStateAsync("card", NewId(), new CardState { State = new() { Text = "poison" } });

        await batch.GoAsync();

        await Task.WhenAll(good);
        await Assert.ThrowsAsync<InconsistentStateException>(() => loser);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => poison);
    }

    [Fact]
    public async Task WriteStateAsync_TwoAtOnceWithOneETag_OnePasses()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);
        await using var other = new StorageUnderTest(database.ConnectionString);
        for (var i = 0; i < 20; i++)
        {
            var id = NewId();
            var writes = new[] { storage, other }.Select(process => process.Cards.WriteStateAsync("card", id, new CardState())).ToList();

            await Eventually.CompletesAsync("both writes to end", Task.WhenAll(writes.Select(write => Task.WhenAny(write))));

            _ = Assert.Single(writes, write => write.IsCompletedSuccessfully);
            Assert.IsType<InconsistentStateException>(writes.Single(write => write.IsFaulted).Exception!.InnerException);
        }
    }

    [Fact]
    public async Task ReadStateAsync_UnknownStateName_SaysWhichThereAre()
    {
        await using var storage = new StorageUnderTest(database.ConnectionString);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => storage.Cards.ReadStateAsync("nothing", NewId(), new CardState()));

        Assert.Contains("card", failure.Message, StringComparison.Ordinal);
    }

    private static GrainId NewId() => GrainId.Create("card", Guid.NewGuid().ToString("N"));

    private sealed class CardState : IGrainState<Card>
    {
        public Card State { get; set; } = new();

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }
}
