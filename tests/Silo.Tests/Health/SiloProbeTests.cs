using Orleans;
using Orleans.Runtime;
using Warroom.Health;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Health;

public sealed class SiloProbeTests
{
    private readonly List<TaskCompletionSource<Dictionary<SiloAddress, SiloStatus>>> _questions = [];
    private readonly ManualTimeProvider _time = new();
    private readonly SiloProbe _probe;

    public SiloProbeTests()
    {
        var management = Fake.Of<IManagementGrain>((_, _) =>
        {
            _questions.Add(new());
            return _questions[^1].Task;
        });
        _probe = new SiloProbe(Fake.Of<IClusterClient>((_, _) => management), _time);
    }

    [Fact]
    public async Task Ask_FirstSiloHangs_AnotherAnswers()
    {
        var asked = _probe.AskAsync();
        Assert.Single(_questions);
        await _time.WhenArmedAsync();
        _time.AdvanceToNextTimer();
        await Eventually.HoldsAsync("another silo to be asked", () => _questions.Count == 2);

        _questions[1].SetResult(OneSilo());

        Assert.Null(await Eventually.CompletesAsync("the answer", asked));
    }

    [Fact]
    public async Task Ask_WhileNobodyAnswers_QuestionsDoNotPileUp()
    {
        await TimesOutAsync();
        await TimesOutAsync();
        await TimesOutAsync();
        Assert.Equal(SiloProbe.QuestionsMax, _questions.Count);

        // Their answers came too late for anybody; whoever asks then asks anew.
        _questions.ForEach(question => question.SetException(new OrleansException("Gone.")));
        var asked = _probe.AskAsync();
        Assert.Equal(SiloProbe.QuestionsMax + 1, _questions.Count);
        _questions[^1].SetResult(OneSilo());
        Assert.Null(await Eventually.CompletesAsync("the answer", asked));
    }

    private static Dictionary<SiloAddress, SiloStatus> OneSilo() => new() { [SiloAddress.New(new(System.Net.IPAddress.Loopback, 1), 1)] = SiloStatus.Active };

    private async Task TimesOutAsync()
    {
        var asked = _probe.AskAsync();
        var started = _time.GetTimestamp();
        while (!asked.IsCompleted)
        {
            await Task.WhenAny(asked, _time.WhenArmedAsync());
            if (_time.UntilNextTimer is not null) _time.AdvanceToNextTimer();
        }

        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        Assert.Equal(TimeSpan.FromSeconds(3), _time.GetElapsedTime(started));
    }
}
