using System.Net.Http;
using System.Text.Json;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Chat;

public sealed class ChatTests(FrontendApp app)
{
    [Fact]
    public async Task Reply_streams_to_all_viewers_and_one_that_joins_half_way_misses_nothing()
    {
        app.Model.Begin();
        var session = await StartSessionAsync();
        await using var one = await app.ConnectAsync("chat");
        var before = await one.CallAsync("Watch", session, 0);
        Assert.False(before.TryGetProperty("live", out _));

        await one.CallAsync("Send", session, Guid.CreateVersion7(), "What is wrong?");
        app.Model.Say("The ", "database ");
        await one.WaitAsync("the first tokens", received => TextOf(received) == "The database ");

        await using var two = await app.ConnectAsync("chat", "ben");
        var joined = await two.CallAsync("Watch", session, 0);
        var live = joined.GetProperty("session").GetProperty("live");
        Assert.Equal("The database ", live.GetProperty("text").GetString());

        app.Model.Say("is ", "full.");
        app.Model.End();
        await one.WaitAsync("the end at the first viewer", received => Ended(received) is not null);
        await two.WaitAsync("the end at the second viewer", received => Ended(received) is not null);

        Assert.Equal("The database is full.", TextOf(one.Received));
        Assert.Equal("is full.", TextOf(two.Received));
        Assert.Equal("The database is full.", Ended(two.Received)!.Value.GetProperty("text").GetString());
        var (_, page, _) = await app.SendAsync(HttpMethod.Get, $"/api/sessions/{session}/messages");
        Assert.Equal(["What is wrong?", "The database is full."], page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("text").GetString()));

        // Who comes back gets events alone; who is new gets messages.
        await using var three = await app.ConnectAsync("chat", "cleo");
        var back = await three.CallAsync("Watch", session, 1);
        Assert.False(back.TryGetProperty("messages", out _));
        Assert.Equal(back.GetProperty("session").GetProperty("version").GetInt64(), back.GetProperty("events").EnumerateArray().Last().GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Commands_that_do_not_fit_are_refused_with_their_codes()
    {
        var session = await StartSessionAsync();
        await using var viewer = await app.ConnectAsync("chat");

        var stop = await Assert.ThrowsAsync<HubCallException>(() => viewer.CallAsync("Stop", session, Guid.CreateVersion7()));
        var unknown = await Assert.ThrowsAsync<HubCallException>(() => viewer.CallAsync("Watch", Guid.CreateVersion7(), 0));
        var (empty, problem, _) = await app.SendAsync(HttpMethod.Post, $"/api/sessions/{session}/messages", new { text = " " });
        var (noBot, _, _) = await app.SendAsync(HttpMethod.Post, "/api/sessions", new { });

        Assert.Contains("HubException: session.nothing_to_stop: ", stop.Message, StringComparison.Ordinal);
        Assert.Contains("HubException: session.not_found: ", unknown.Message, StringComparison.Ordinal);
        Assert.Equal((400, "Text is required"), (empty, problem.GetProperty("error").GetString()));
        Assert.Equal(400, noBot);
    }

    private async Task<Guid> StartSessionAsync()
    {
        var (launched, bot, _) = await app.SendAsync(HttpMethod.Post, "/api/bots", new { name = "Helper" });
        Assert.Equal(201, launched);
        var (started, session, _) = await app.SendAsync(HttpMethod.Post, "/api/sessions", new { bot_id = bot.GetProperty("id").GetString() });
        Assert.Equal(201, started);
        return session.GetProperty("id").GetGuid();
    }

    private static string TextOf(IReadOnlyList<(string Target, JsonElement Argument)> received) => string.Concat(received
        .Where(one => one.Target == "Session" && one.Argument.TryGetProperty("tokens", out _))
        .SelectMany(one => one.Argument.GetProperty("tokens").GetProperty("tokens").EnumerateArray())
        .Select(token => token.GetString()));

    private static JsonElement? Ended(IReadOnlyList<(string Target, JsonElement Argument)> received) => received
        .Where(one => one.Target == "Session")
        .SelectMany(one => one.Argument.GetProperty("events").EnumerateArray())
        .Select(logged => JsonDocument.Parse(logged.GetProperty("body").GetString()!).RootElement)
        .Where(body => body.GetProperty("kind").GetString() == "reply_ended")
        .Select(body => (JsonElement?)body)
        .FirstOrDefault();
}
