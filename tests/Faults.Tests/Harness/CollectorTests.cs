using Xunit;

namespace Warroom.Faults.Harness;

public sealed class CollectorTests
{
    [Fact]
    public async Task Collect_HasTheProcessCollectAllGenerations()
    {
        var before = GC.CollectionCount(2);

        await Collector.CollectAsync(Environment.ProcessId);

        Assert.True(GC.CollectionCount(2) > before, "No collection of all generations took place.");
    }
}
