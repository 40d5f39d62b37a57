using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Warroom.Operations;
using Warroom.Postgres;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

/// <summary>What operators ask for, written down by several processes at once.</summary>
public sealed class OperatorCommandTests : IAsyncLifetime
{
    private const int Rounds = 25;
    private TestDatabase _database = null!;
    private NpgsqlDataSource _source = null!;
    private OperatorCommands _commands = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
        await new Migrator(_source, NullLogger<Migrator>.Instance).MigrateAsync();
        _commands = new(_source, Options.Create(new WarroomSiloOptions()));
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task DrainAsync_EachSiloWhileTheOtherServes_OneIsRefused()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (one, two) = ($"one{round}", $"two{round}");
            var orders = await AtOnceAsync(() => DrainAsync(one, [two]), () => DrainAsync(two, [one]));
            Assert.True(orders.Count(order => order is not null) == 1, $"Round {round}: {orders.Count(order => order is not null)} of two silos drain.");
        }
    }

    [Fact]
    public async Task DrainAsync_OtherWasOrderedToDrainAndHasEnded_IsRefusedUnlessForced()
    {
        var first = await DrainAsync("one", ["two"]);
        await _commands.FinishAsync(first!.Id, OperatorCommandOutcome.Done);

        Assert.Null(await DrainAsync("two", ["one"]));
        Assert.Null(await DrainAsync("two", []));
        Assert.Equal("two", (await DrainAsync("two", null))!.SiloId);
    }

    [Fact]
    public async Task DrainAsync_OneSiloByManyAtOnce_AllGetOneOrder()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var silo = $"silo{round}";
            var orders = await AtOnceAsync(() => DrainAsync(silo, null), () => DrainAsync(silo, null), () => DrainAsync(silo, null), () => DrainAsync(silo, null));
            Assert.Single(orders.Select(order => order!.Id).Distinct());
        }

        Assert.Equal(Rounds, await Sql.ScalarAsync<long>(_database.ConnectionString, "SELECT count(*) FROM operator_commands"));
    }

    [Fact]
    public async Task DrainAsync_AnotherProgramWroteAnOrderMeanwhile_ItIsTheOneGiven()
    {
        // A program that does not ask for the lock: its order is not committed when ours is looked for, and is when ours is written.
        await using var older = await Sql.OpenAsync(_database.ConnectionString);
        await using var transaction = await older.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("INSERT INTO operator_commands (id, cluster_id, kind, silo_id, requested_by, requested_at) VALUES ('11111111-1111-1111-1111-111111111111', 'warroom', 'drain', 'one', 'Bob', now())", older))
            await insert.ExecuteNonQueryAsync();

        var ours = DrainAsync("one", null);
        await Eventually.HoldsAsync("our order to wait for theirs", async () => await Sql.ScalarAsync<bool>(_database.ConnectionString, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'transactionid')"));
        await transaction.CommitAsync();

        Assert.Equal("Bob", (await Eventually.CompletesAsync("our order", ours))!.RequestedBy);
    }

    [Fact]
    public async Task DeactivateAsync_OneKeyTwiceAtOnce_IsOneCommand()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var id = Guid.CreateVersion7();
            var lines = await AtOnceAsync(() => _commands.DeactivateAsync(id, "incident/1", "Ada"), () => _commands.DeactivateAsync(id, "incident/1", "Ada"), () => _commands.DeactivateAsync(id, "incident/1", "Ada"));
            Assert.Single(lines, line => line.IsNew);
            Assert.All(lines, line => Assert.Equal(id, line.Command.Id));
        }
    }

    [Fact]
    public async Task FinishAsync_Twice_TheFirstOutcomeStays()
    {
        var (command, _) = await _commands.DeactivateAsync(Guid.CreateVersion7(), "incident/1", "Ada");

        var first = await _commands.FinishAsync(command.Id, OperatorCommandOutcome.Done);
        Assert.Equal(OperatorCommandOutcome.Done, first!.Outcome);
        Assert.Equal(first, await _commands.FinishAsync(command.Id, OperatorCommandOutcome.NotActive));
    }

    [Fact]
    public async Task AnyCommand_KeyOfAnotherOne_IsRefused()
    {
        var drain = (await DrainAsync("one", null))!.Id;
        var (deactivation, _) = await _commands.DeactivateAsync(Guid.CreateVersion7(), "incident/1", "Ada");

        foreach (var act in (Func<Task>[])
        [
            () => _commands.FindAsync(drain, OperatorCommandKind.Drain, "two"), () => _commands.DrainAsync(drain, "two", "Ada", null), () => _commands.DeactivateAsync(drain, "one", "Ada"),
            () => _commands.DrainAsync(deactivation.Id, "incident/1", "Ada", null), () => _commands.DeactivateAsync(deactivation.Id, "incident/2", "Ada"),
        ])
        {
            Assert.Equal("cluster.key_used", (await Assert.ThrowsAsync<DomainException>(act)).ErrorCode);
        }

        Assert.Equal(drain, (await _commands.FindAsync(drain, OperatorCommandKind.Drain, "one"))!.Id);
        Assert.Null(await _commands.FindAsync(Guid.CreateVersion7(), OperatorCommandKind.Drain, "one"));
    }

    private Task<OperatorCommand?> DrainAsync(string silo, IReadOnlyCollection<string>? others) => _commands.DrainAsync(Guid.CreateVersion7(), silo, "Ada", others);

    private static Task<T[]> AtOnceAsync<T>(params Func<Task<T>>[] acts) => Task.WhenAll(acts.Select(act => Task.Run(act)));
}
