using Orleans.Runtime;

namespace Warroom.Health;

/// <summary>The cluster: whether a silo serves. In a silo's process it is that silo that is asked.</summary>
internal sealed class SiloProbe(IClusterClient cluster, TimeProvider time) : IDependencyProbe
{
    public const string DependencyName = "silo";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);
    private Task<Dictionary<SiloAddress, SiloStatus>>? _asked;

    public string Name => DependencyName;

    public bool Required => true;

    public string Silence => "No silo answers.";

    public async Task<string?> AskAsync()
    {
        // A question that has no answer yet is not asked again: while nobody answers, questions must not pile up.
        var asked = Volatile.Read(ref _asked);
        if (asked is null or { IsCompleted: true })
        {
            Volatile.Write(ref _asked, asked = cluster.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true));

            // Its failure may come when nobody waits any more; what it says was said by the timeout.
            _ = asked.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        var hosts = await asked.WaitAsync(AnswerTimeout, time);
        return hosts.Count > 0 ? null : "No silo is active.";
    }
}
