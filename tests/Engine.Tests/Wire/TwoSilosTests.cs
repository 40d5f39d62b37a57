namespace Warroom.Engine.Tests.Wire;

public interface ITravelGrain : IGrainWithStringKey
{
    Task<string> Where();

    Task<Everything> Return(Everything all);

    Task<ITravelGrain> Itself();

    Task<string> Ask(ITravelGrain other);

    Task Throw(string what);

    Task<string> Context(string key);

    Task Show(IWireWatcher watcher, Shape shape);

    Task<object> Unsendable();
}

public sealed class TravelGrain(ILocalSiloDetails silo) : Grain, ITravelGrain
{
    public Task<string> Where() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task<Everything> Return(Everything all) => Task.FromResult(all);

    public Task<ITravelGrain> Itself() => Task.FromResult(this.AsReference<ITravelGrain>());

    public Task<string> Ask(ITravelGrain other) => other.Where();

    public async Task Throw(string what)
    {
        await Task.Yield();
        throw what switch
        {
            "listed" => new CodedException("coded", 41, new FormatException("inner")),
            "product" => new DomainException(RefusalKind.Conflict, "incident.already_resolved", "It is over."),
            "known" => new ArgumentException("no good", nameof(what)),
            _ => new UnlistedException("who knows"),
        };
    }

    public Task<string> Context(string key) => Task.FromResult($"{RequestContext.Get(key)}");

    public Task Show(IWireWatcher watcher, Shape shape)
    {
        watcher.Saw(shape);
        return Task.CompletedTask;
    }

    public Task<object> Unsendable() => Task.FromResult<object>(new Lazy<int>(1));
}

/// <summary>The format in its place: two silos and a client that has connections to both.</summary>
public sealed class TwoSilosTests : IAsyncLifetime
{
    private Orleans.TestingHost.InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = new Orleans.TestingHost.InProcessTestClusterBuilder(2).Build();
        await _cluster.DeployAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Messages_BetweenProcesses_AreWhatTheyWere()
    {
        var grains = await OneOfEachSiloAsync();
        foreach (var grain in grains)
        {
            var all = new Everything { Shapes = [new Ring { Name = "r", Hole = 2 }], Points = new() { ["a"] = new Point(1, 2) }, Tuple = (1, "t", default), Failure = new FormatException("f") };
            Assert.Null(Samples.Difference(all, await grain.Return(all)));
            Assert.Equal(grain, await grain.Itself());
            RequestContext.Set("shape", new Circle { Name = "sun" });
            Assert.Contains("sun", await grain.Context("shape"), StringComparison.Ordinal);
            RequestContext.Clear();
        }

        Assert.Equal(await grains[1].Where(), await grains[0].Ask(grains[1]));
        Assert.Equal(await grains[0].Where(), await grains[1].Ask(grains[0]));
    }

    [Fact]
    public async Task Exceptions_BetweenProcesses_NameTheGrainsMethod()
    {
        foreach (var grain in await OneOfEachSiloAsync())
        {
            var listed = await Assert.ThrowsAsync<CodedException>(() => grain.Throw("listed"));
            Assert.Equal(("coded", 41, "inner"), (listed.Message, listed.Code, listed.InnerException!.Message));
            Assert.Equal("incident.already_resolved", (await Assert.ThrowsAsync<DomainException>(() => grain.Throw("product"))).ErrorCode);
            Assert.Equal("what", (await Assert.ThrowsAsync<ArgumentException>(() => grain.Throw("known"))).ParamName);
            var unlisted = await Assert.ThrowsAsync<OrleansException>(() => grain.Throw("unlisted"));
            Assert.Contains("who knows", unlisted.Message, StringComparison.Ordinal);
            foreach (var exception in new Exception[] { listed, unlisted }) Assert.Contains($"{nameof(TravelGrain)}.{nameof(TravelGrain.Throw)}", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answer_ThatCannotBeSent_IsAnErrorOfTheCallAndNotOfTheConnection()
    {
        foreach (var grain in await OneOfEachSiloAsync())
        {
            Assert.Contains("Lazy", (await Assert.ThrowsAsync<NotSupportedException>(() => grain.Unsendable())).Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<NotSupportedException>(() => grain.Return(new Everything { Anything = new Lazy<int>(1) }));
            Assert.NotNull(await grain.Where());
        }
    }

    [Fact]
    public async Task Observer_OfTheClient_IsCalledFromBothSilos()
    {
        var watcher = new Watcher();
        var reference = _cluster.Client.CreateObjectReference<IWireWatcher>(watcher);
        foreach (var grain in await OneOfEachSiloAsync()) await grain.Show(reference, new Circle { Name = "c" });
        await Eventually.HoldsAsync("both silos call the observer", () => watcher.Seen.Count == 2);
        Assert.All(watcher.Seen, shape => Assert.Equal(new Circle { Name = "c" }, shape));
        GC.KeepAlive(watcher);
    }

    /// <summary>A grain in each silo.</summary>
    private async Task<ITravelGrain[]> OneOfEachSiloAsync()
    {
        var found = new Dictionary<string, ITravelGrain>();
        for (var i = 0; found.Count < 2 && i < 100; i++)
        {
            var grain = _cluster.Client.GetGrain<ITravelGrain>($"travel{i}");
            found[await grain.Where()] = grain;
        }

        Assert.Equal(2, found.Count);
        return [.. found.Values];
    }

    private sealed class Watcher : IWireWatcher
    {
        public System.Collections.Concurrent.ConcurrentQueue<Shape> Seen { get; } = new();

        public void Saw(Shape shape) => Seen.Enqueue(shape);
    }
}
