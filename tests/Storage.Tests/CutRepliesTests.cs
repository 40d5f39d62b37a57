using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Warroom.Bots;
using Warroom.Persistence;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

/// <summary>Sessions whose reply was cut are found by their rows and looked at, whatever fails on the way.</summary>
public sealed class CutRepliesTests
{
    [Fact]
    public async Task Look_FailsForASessionAtTheStart_IsTriedAgainHoweverOldItIs()
    {
        await using var database = await TestDatabase.CreateAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:Warroom"] = database.ConnectionString });
        builder.AddWarroomPersistence();
        using var host = builder.Build();
        await host.StartAsync();
        var (failing, other) = (await StoreAsync(host, database), await StoreAsync(host, database));
        var looks = new List<Guid>();
        var (firstRound, secondRound) = (new TaskCompletionSource(), new TaskCompletionSource());
        var grains = Fake.Of<IGrainFactory>((_, arguments) => Fake.Of<IBotSessionGrain>((_, _) =>
        {
            var id = (Guid)arguments[0]!;
            looks.Add(id);
            if (looks.Count == 2)
                firstRound.TrySetResult();
            if (looks.Count == 4)
                secondRound.TrySetResult();
            return id == failing && looks.Count <= 2 ? Task.FromException<SessionView?>(new TimeoutException("No silo yet.")) : Task.FromResult<SessionView?>(null);
        }));
        var time = new ManualTimeProvider();
        using var cutReplies = new CutReplies(host.Services.GetRequiredService<SessionQueries>(), grains, time, NullLogger<CutReplies>.Instance);

        await cutReplies.StartAsync(CancellationToken.None);
        await Eventually.CompletesAsync("both sessions to be looked at", firstRound.Task);
        time.Advance(TimeSpan.FromSeconds(15));
        await Eventually.CompletesAsync("both to be looked at again", secondRound.Task);
        await cutReplies.StopAsync(CancellationToken.None);
        await host.StopAsync();

        Assert.Equal([failing, other, failing, other], looks);
    }

    private static async Task<Guid> StoreAsync(IHost host, TestDatabase database)
    {
        var id = Guid.CreateVersion7();
        var at = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        const string body = """{"kind":"posted"}""";
        var hash = EventHash.Next(EventHash.Genesis, id, 1, body);
        await host.Services.GetRequiredService<IGrainLog<SessionState>>().AppendAsync(new()
        {
            OwnerId = id,
            ExpectedVersion = 0,
            ExpectedEpoch = 0,
            ExpectedHash = EventHash.Genesis,
            Epoch = 1,
            Events = [new() { Seq = 1, Hash = hash, Body = body }],
            State = new() { Id = id, BotId = "BOT-001", Title = "Cut", CreatedAt = at, UpdatedAt = at },
            Hash = hash,
        });
        await Sql.ExecuteAsync(database.ConnectionString, $$"""UPDATE bot_sessions SET state = jsonb_set(state::jsonb, '{live}', '{}') WHERE id = '{{id}}'""");
        return id;
    }
}
