using Orleans;
using Orleans.Runtime;
using Warroom.Health;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Health;

public sealed class SiloProbeTests
{
    [Fact]
    public async Task Ask_WhileTheLastQuestionHasNoAnswer_AsksNoSecondOne()
    {
        var questions = new List<TaskCompletionSource<Dictionary<SiloAddress, SiloStatus>>>();
        var management = Fake.Of<IManagementGrain>((_, _) =>
        {
            questions.Add(new());
            return questions[^1].Task;
        });
        var time = new ManualTimeProvider();
        var probe = new SiloProbe(Fake.Of<IClusterClient>((_, _) => management), time);

        await TimesOutAsync(probe, time);
        await TimesOutAsync(probe, time);
        Assert.Single(questions);

        // Its answer came too late for anybody; whoever asks then asks anew.
        questions[0].SetException(new OrleansException("Gone."));
        var asked = probe.AskAsync();
        Assert.Equal(2, questions.Count);
        questions[1].SetResult(new() { [SiloAddress.New(new(System.Net.IPAddress.Loopback, 1), 1)] = SiloStatus.Active });
        Assert.Null(await asked);
    }

    private static async Task TimesOutAsync(SiloProbe probe, ManualTimeProvider time)
    {
        var asked = probe.AskAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => Eventually.CompletesAsync("the probe to give up", asked.ContinueWith(task => task, TaskScheduler.Default)).Unwrap());
    }
}
