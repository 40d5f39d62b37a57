using Warroom.Bots;

namespace Warroom.Models.Tests;

/// <summary>Bots, and sessions when bots or models are not there.</summary>
public sealed class BotTests
{
    [Fact]
    public async Task Launch_Bots_GetConsecutiveIdsAndAResendGetsTheSame()
    {
        await using var cluster = await BotsCluster.StartAsync([OllamaFaultTests.UnusedEndpoint()]);
        var directory = cluster.Cluster.Client.GetGrain<IBotDirectoryGrain>(0);
        var first = new LaunchBot { OperationId = Guid.NewGuid(), Name = " Scout ", Persona = "Be brief.", Model = "sim:large" };
        Assert.Equal("BOT-001", (await directory.LaunchAsync(first)).Id);
        Assert.Equal("BOT-002", (await directory.LaunchAsync(first with { OperationId = Guid.NewGuid() })).Id);
        Assert.Equal("BOT-001", (await directory.LaunchAsync(first)).Id);
        Assert.Equal("bot.name_required", (await Assert.ThrowsAsync<DomainException>(() => directory.LaunchAsync(first with { OperationId = Guid.NewGuid(), Name = " " }))).ErrorCode);

        var bot = cluster.Cluster.Client.GetGrain<IBotGrain>("BOT-001");
        var changed = await bot.ConfigureAsync(new() { Persona = "Be long.", Status = BotStatus.Stopped });
        Assert.Equal(("Scout", "Be long.", "sim:large", BotStatus.Stopped), (changed.Name, changed.Persona, changed.Model, changed.Status));
        await cluster.Cluster.RestartSiloAsync(await cluster.SiloOfAsync(bot));
        Assert.Equal(changed, await cluster.Cluster.Client.GetGrain<IBotGrain>("BOT-001").GetAsync());
        Assert.Equal("BOT-003", (await cluster.Cluster.Client.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(first with { OperationId = Guid.NewGuid() })).Id);
        Assert.Null(await cluster.Cluster.Client.GetGrain<IBotGrain>("BOT-999").GetAsync());
        Assert.Equal("bot.not_found", (await Assert.ThrowsAsync<DomainException>(() => cluster.Cluster.Client.GetGrain<IBotGrain>("BOT-999").ConfigureAsync(new()))).ErrorCode);
    }

    [Fact]
    public async Task Send_NoModelAnywhere_FailsSoonAndTheMessageIsKeptToSendAgain()
    {
        await using var sim = await SimUnderTest.StartAsync();
        await using var cluster = await BotsCluster.StartAsync([OllamaFaultTests.UnusedEndpoint(), sim.Endpoint]);
        await sim.SetAsync(new { reply = "back again", fault = "error" });
        var session = await cluster.BeginAsync();
        await session.SendAsync("is anybody there?");
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Failed, "model.unavailable", ""), (ended.Status, ended.ErrorCode, ended.Text));
        Assert.StartsWith("Ollama temporarily unavailable", ended.Error);
        Assert.InRange(ended.DurationMs!.Value, 0, 5000);

        // The second endpoint is well again: the first still refuses, and the answer comes from the next.
        await sim.SetAsync(new { fault = "none" });
        await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        Assert.Equal("back again", (await session.EndAsync()).Text);
        Assert.Equal("is anybody there?", (await sim.RequestsAsync())[^1].Prompt);
    }

    [Fact]
    public async Task Send_EndpointFailsFiveTimes_IsLeftAloneUntilAProbeSucceeds()
    {
        await using var sim = await SimUnderTest.StartAsync();
        await using var cluster = await BotsCluster.StartAsync([sim.Endpoint], ("Ollama:BreakerOpenTime", "00:00:01"));
        await sim.SetAsync(new { reply = "well", fault = "error", faultRequests = 5 });
        var session = await cluster.BeginAsync();
        await session.SendAsync("one");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("model.failed", (await session.EndAsync()).ErrorCode);
            await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        }

        await session.EndAsync();
        Assert.Equal(CircuitState.Open, (await cluster.GatewayAsync(sim.Endpoint)).Circuit);
        await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        Assert.Equal("model.unavailable", (await session.EndAsync()).ErrorCode);
        Assert.Equal(5, (await sim.RequestsAsync()).Count);
        await Testing.Eventually.HoldsAsync("the circuit to be half open", async () => (await cluster.GatewayAsync(sim.Endpoint)).Circuit == CircuitState.HalfOpen);
        await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        Assert.Equal("well", (await session.EndAsync()).Text);
        Assert.Equal(CircuitState.Closed, (await cluster.GatewayAsync(sim.Endpoint)).Circuit);
    }

    [Fact]
    public async Task Send_NoFirstTokenOrTooLong_EndsInTime()
    {
        await using var sim = await SimUnderTest.StartAsync();
        await using var cluster = await BotsCluster.StartAsync([sim.Endpoint], ("Ollama:FirstTokenTimeout", "00:00:00.300"), ("Bots:ReplyTimeMax", "00:00:01.000"));
        await sim.SetAsync(new { fault = "hang", faultRequests = 1 });
        var session = await cluster.BeginAsync();
        await session.SendAsync("one");
        var ended = await session.EndAsync();
        Assert.Equal((ReplyStatus.Failed, "model.timeout"), (ended.Status, ended.ErrorCode));

        await sim.SetAsync(new { fault = "endless", tokensPerSecond = 50 });
        await session.Grain.RegenerateAsync(SessionUnderTest.Command());
        var late = await session.EndAsync();
        Assert.Equal((ReplyStatus.Interrupted, "model.timeout"), (late.Status, late.ErrorCode));
        Assert.NotEmpty(late.Text);
        Assert.Equal(late.Text, session.Published(late.ReplyId));
        Assert.Equal(0, (await cluster.GatewayAsync(sim.Endpoint)).Running);
    }

    [Fact]
    public async Task Send_BotStoppedOrModelMissing_SaysSo()
    {
        await using var sim = await SimUnderTest.StartAsync();
        await using var cluster = await BotsCluster.StartAsync([sim.Endpoint]);
        var session = await cluster.BeginAsync(model: "nobody:1b");
        await session.SendAsync("one");
        Assert.Equal("model.not_found", (await session.EndAsync()).ErrorCode);
        var bot = cluster.Cluster.Client.GetGrain<IBotGrain>("BOT-001");
        await bot.ConfigureAsync(new() { Status = BotStatus.Stopped });
        Assert.Equal("bot.stopped", (await Assert.ThrowsAsync<DomainException>(() => session.SendAsync("two"))).ErrorCode);
        await bot.ConfigureAsync(new() { Status = BotStatus.Running, Model = "" });
        await session.SendAsync("three");
        Assert.Equal("sim:small", (await session.EndAsync()).Model);

        Assert.Equal("session.text_required", (await Assert.ThrowsAsync<DomainException>(() => session.SendAsync("  "))).ErrorCode);
        Assert.Equal("session.too_long", (await Assert.ThrowsAsync<DomainException>(() => session.SendAsync(new('x', BotLimits.MessageLengthMax + 1)))).ErrorCode);
        var unknown = cluster.Cluster.Client.GetGrain<IBotSessionGrain>(Guid.NewGuid());
        Assert.Null(await unknown.GetAsync());
        Assert.Equal("session.not_found", (await Assert.ThrowsAsync<DomainException>(() => unknown.SendAsync(new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, Text = "x" }))).ErrorCode);
        Assert.Equal("bot.not_found", (await Assert.ThrowsAsync<DomainException>(() => unknown.StartAsync(new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, BotId = "BOT-999" }))).ErrorCode);
    }
}
