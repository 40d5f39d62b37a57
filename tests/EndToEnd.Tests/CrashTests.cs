using Warroom.EndToEnd.Checking;
using Warroom.EndToEnd.Harness;
using Warroom.Testing;

using Xunit;

namespace Warroom.EndToEnd;

/// <summary>What was acknowledged outlives a SIGKILL: once, in order, at its number.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task Acknowledged_posts_survive_kills_of_the_process_during_a_burst()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var opening = Guid.CreateVersion7();
        var incident = await api.OpenIncidentAsync("Checkout is slow", "high", operationId: opening);
        var crew = new PostingCrew(api, incident);

        var posting = crew.PostAsync(writers: 8, postsEach: 100);
        foreach (var acknowledged in (int[])[100, 300, 500])
        {
            await Eventually.HoldsAsync($"{acknowledged} acknowledged posts", () => crew.Acknowledged >= acknowledged || posting.IsFaulted);
            await stack.Frontend.KillAsync();
            await stack.Frontend.StartAgainAsync();
        }

        await Eventually.CompletesAsync("all posts to be acknowledged", posting);

        // Without one post cut off in flight this run would have shown nothing.
        Assert.True(crew.Resends > 0, "No post was in flight at any of the kills.");
        Assert.Empty(TimelineChecker.Check(incident, await api.TimelineAsync(incident), crew.Operations, new HashSet<Guid> { opening }));
    }

    [Fact]
    public async Task Acknowledged_posts_survive_kills_of_the_database_during_a_burst()
    {
        await using var stack = await WarroomStack.StartAsync();
        var api = new WarroomApi(stack.Frontend.Http);
        var opening = Guid.CreateVersion7();
        var incident = await api.OpenIncidentAsync("Checkout is slow", "high", operationId: opening);
        var crew = new PostingCrew(api, incident);

        var posting = crew.PostAsync(writers: 8, postsEach: 100);
        foreach (var acknowledged in (int[])[100, 400])
        {
            await Eventually.HoldsAsync($"{acknowledged} acknowledged posts", () => crew.Acknowledged >= acknowledged || posting.IsFaulted);
            await stack.Postgres.KillAsync();
            await stack.Postgres.StartAgainAsync();
        }

        await Eventually.CompletesAsync("all posts to be acknowledged", posting);

        Assert.Empty(TimelineChecker.Check(incident, await api.TimelineAsync(incident), crew.Operations, new HashSet<Guid> { opening }));
    }
}
