using Orleans.Runtime;

namespace Warroom.Health;

/// <summary>
/// The cluster: whether a silo serves. In a silo's process it is that silo that is asked; from elsewhere the one with the fewest open calls, which answers from what it knows. Asked once at a time: <see cref="Dependencies"/> sees
/// to it.
/// </summary>
internal sealed class SiloProbe(IClusterClient cluster, TimeProvider time) : IDependencyProbe
{
    public const string DependencyName = "silo";

    /// <summary>The most questions without an answer. While nobody answers, they must not pile up.</summary>
    public const int QuestionsMax = 3;

    /// <summary>After so long another silo is asked as well: one that hangs must not stand for all.</summary>
    private static readonly TimeSpan Hesitation = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);
    private readonly List<Task<Dictionary<SiloAddress, SiloStatus>>> _asked = [];

    public string Name => DependencyName;

    public bool Required => true;

    public string Silence => "No silo answers.";

    public async Task<string?> AskAsync()
    {
        for (var left = AnswerTimeout; ; left -= Hesitation)
        {
            // What was answered after its asker had gone says nothing of now.
            _asked.RemoveAll(question => question.IsCompleted);
            if (_asked.Count < QuestionsMax)
            {
                _asked.Add(Ask());
            }

            try
            {
                var hosts = await (await Task.WhenAny(_asked).WaitAsync(Hesitation, time));
                return hosts.Count > 0 ? null : "No silo is active.";
            }
            catch (TimeoutException) when (left > Hesitation)
            {
                // Asked on.
            }
        }
    }

    private Task<Dictionary<SiloAddress, SiloStatus>> Ask()
    {
        var question = cluster.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);

        // Its failure may come when nobody waits any more; what it says was said by the timeout.
        _ = question.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return question;
    }
}
