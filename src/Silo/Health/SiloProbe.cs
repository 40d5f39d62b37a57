using Orleans.Runtime;

namespace Warroom.Health;

/// <summary>The cluster: whether a silo serves. In a silo's process it is that silo that is asked.</summary>
internal sealed class SiloProbe(IClusterClient cluster, TimeProvider time) : IDependencyProbe
{
    public const string DependencyName = "silo";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    public string Name => DependencyName;

    public bool Required => true;

    public string Silence => "No silo answers.";

    public async Task<string?> AskAsync()
    {
        var hosts = await cluster.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true).WaitAsync(AnswerTimeout, time);
        return hosts.Count > 0 ? null : "No silo is active.";
    }
}
