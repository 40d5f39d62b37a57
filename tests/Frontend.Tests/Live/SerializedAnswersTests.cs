using System.Text.Json;
using Warroom.Frontend.Live;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Live;

public sealed class SerializedAnswersTests(SharedWarroom shared)
{
    [Fact]
    public void Answer_IsSharedUntilTheFeedChanges()
    {
        var answers = new SerializedAnswers(new JsonSerializerOptions());
        var one = answers.Write(3, answers.Revision, "one");
        Assert.Same(one, answers.Find(3));
        Assert.Null(answers.Find(4));

        answers.Forget();
        Assert.Null(answers.Find(3));
    }

    [Fact]
    public void Answer_MadeOfAStateThatHasChangedMeanwhile_IsNotKept()
    {
        var answers = new SerializedAnswers(new JsonSerializerOptions());
        var revision = answers.Revision;
        answers.Forget();
        answers.Write(0, revision, "of before");
        Assert.Null(answers.Find(0));
    }

    [Fact]
    public void Answer_NobodyAskedForInARound_IsLetGo()
    {
        var answers = new SerializedAnswers(new JsonSerializerOptions());
        answers.Write(1, answers.Revision, "wanted");
        answers.Write(2, answers.Revision, "not wanted");
        answers.ForgetUnused();
        Assert.NotNull(answers.Find(1));

        answers.ForgetUnused();
        Assert.NotNull(answers.Find(1));
        Assert.Null(answers.Find(2));

        answers.ForgetUnused();
        answers.ForgetUnused();
        Assert.Null(answers.Find(1));
    }

    [Fact]
    public void Answers_AreBounded()
    {
        var answers = new SerializedAnswers(new JsonSerializerOptions());
        for (var after = 0; after < 1_000; after++)
        {
            answers.Write(after, answers.Revision, after);
        }

        Assert.Equal(16, Enumerable.Range(0, 1_000).Count(after => answers.Find(after) is not null));
    }

    [Fact]
    public async Task Viewers_who_join_while_events_come_get_each_of_them_once()
    {
        const int posts = 60;
        var warroom = shared.Warroom;
        var id = await warroom.Http.OpenIncidentAsync();
        var posting = Task.Run(async () =>
        {
            for (var post = 0; post < posts; post++)
            {
                await warroom.Http.PostEntryAsync(id, $"entry {post}");
            }
        });
        var viewers = new List<HubClient>();
        var answers = new List<long[]>();
        while (!posting.IsCompleted || viewers.Count < 2)
        {
            // Two at once, so that answers are shared.
            HubClient[] pair = [await warroom.ConnectAsync("warroom"), await warroom.ConnectAsync("warroom")];
            viewers.AddRange(pair);
            answers.AddRange((await Task.WhenAll(pair.Select(viewer => viewer.InvokeAsync("Watch", id, 0)))).Select(Seqs));
        }

        await posting;
        for (var i = 0; i < viewers.Count; i++)
        {
            var known = answers[i];
            var pushed = new List<long>();
            while (!known.Concat(pushed).Contains(posts + 1))
            {
                pushed.AddRange(Seqs((await viewers[i].NextAsync("the last event", message => message.Target == "Timeline")).Argument));
            }

            Assert.Equal(Enumerable.Range(1, posts + 1).Select(seq => (long)seq), known.Concat(pushed.Where(seq => seq > known[^1])));
            await viewers[i].DisposeAsync();
        }
    }

    private static long[] Seqs(JsonElement message) => [.. message.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64())];
}
