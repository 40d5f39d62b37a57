using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.Hosting;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Filters;

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> Number(int number);

    Task<int> Through(string otherKey, int number);

    Task<string?> Context(string key);

    Task<string?> ContextThrough(string otherKey, string key);

    Task SetContext(string key, string value);

    Task<string?> Trace();

    Task Fail();
}

public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        Assert.Same(this, context.Grain);
        return NotingFilters.NoteAsync("grain", context);
    }

    public Task<int> Number(int number)
    {
        if (RequestContext.Get(NotingFilters.RecordingKey) is string key) Recording.Of(key).Add("method");
        return Task.FromResult(number);
    }

    public Task<int> Through(string otherKey, int number) => GrainFactory.GetGrain<IFilteredGrain>(otherKey).Number(number);

    public Task<string?> Context(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task<string?> ContextThrough(string otherKey, string key) => GrainFactory.GetGrain<IFilteredGrain>(otherKey).Context(key);

    public Task SetContext(string key, string value)
    {
        RequestContext.Set(key, value);
        return Task.CompletedTask;
    }

    public Task<string?> Trace() => Task.FromResult(Activity.Current?.TraceId.ToString());

    public Task Fail() => throw new FormatException("as it is");
}

/// <summary>What goes around calls: filters, the request context and activities.</summary>
public sealed class FilterTests(EngineCluster cluster)
{
    [Fact]
    public async Task Filters_RunInOrderAroundTheMethod()
    {
        RequestContext.Set(NotingFilters.RecordingKey, this.Key());
        Assert.Equal(1, await Grain().Number(1));
        Assert.Equal(
            [
                "leaves client Number", "first Number", "second Number", "grain Number", "method",
                "grain Number done", "second Number done", "first Number done", "leaves client Number done",
            ],
            Recording.Of(this.Key()).Lines);
    }

    [Fact]
    public async Task Filters_OfTheSilo_SeeCallsFromGrainToGrain()
    {
        RequestContext.Set(NotingFilters.RecordingKey, this.Key());
        await Grain().Through(this.Key() + " other", 1);
        var lines = Recording.Of(this.Key()).Lines.ToList();
        Assert.True(lines.IndexOf("leaves silo Number") > lines.IndexOf("grain Through"), string.Join(", ", lines));
        Assert.True(lines.IndexOf("first Number") > lines.IndexOf("leaves silo Number"), string.Join(", ", lines));
    }

    [Fact]
    public async Task Filter_ThatChangesTheResult_IsBelieved()
    {
        RequestContext.Set(NotingFilters.RecordingKey, this.Key());
        RequestContext.Set(NotingFilters.DoubledKey, "yes");

        // The client's filter, two of the silo and the grain's own: each doubles.
        Assert.Equal(16, await Grain().Number(1));
    }

    [Fact]
    public async Task Filter_SeesTheCallAndMayRefuseItOrTranslateItsFault()
    {
        var seen = new ConcurrentQueue<string>();
        await using var own = await EngineCluster.StartAsync(silo => silo.AddIncomingGrainCallFilter(async context =>
        {
            if (context.TargetId.Type.ToString() != "filtered") { await context.Invoke(); return; }
            seen.Enqueue($"{context.InterfaceName} {context.MethodName} {context.TargetId} {context.SourceId is not null} {context.ImplementationMethod.Name}");
            if (context.MethodName == nameof(IFilteredGrain.Trace))
            {
                context.Result = "never called";
                return;
            }

            try
            {
                await context.Invoke();
            }
            catch (FormatException exception)
            {
                throw new NotSupportedException("translated", exception);
            }
        }));
        var grain = own.Client.GetGrain<IFilteredGrain>("a");
        Assert.Equal("never called", await grain.Trace());
        await Assert.ThrowsAsync<NotSupportedException>(grain.Fail);
        Assert.Equal($"{typeof(IFilteredGrain).FullName} Trace filtered/a True Trace", seen.First());
    }

    [Fact]
    public async Task Context_GoesAlongEveryCallAndNotBack()
    {
        RequestContext.Set("who", "me");
        Assert.Equal("me", await Grain().Context("who"));
        Assert.Equal("me", await Grain().ContextThrough(this.Key() + " other", "who"));
        await Grain().SetContext("who", "somebody else");
        Assert.Equal("me", RequestContext.Get("who"));
        Assert.Equal("me", await Grain().Context("who"));
        Assert.True(RequestContext.Remove("who"));
        Assert.Null(await Grain().Context("who"));
    }

    [Fact]
    public async Task Context_OfCallsAtOnce_IsEachTheirOwn()
    {
        async Task<string?> AskAsync(int number)
        {
            await Task.Yield();
            RequestContext.Set("number", $"{number}");
            return await cluster.Client.GetGrain<IFilteredGrain>(this.Key()).ContextThrough($"{this.Key()} {number % 5}", "number");
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(AskAsync)).Soon();
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), answers);
        Assert.Null(RequestContext.Get("number"));
    }

    [Fact]
    public async Task Activity_OfTheCaller_IsTheGrains()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Orleans.Application",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var own = await EngineCluster.StartAsync(silo => silo.AddActivityPropagation(), client => client.AddActivityPropagation());
        using var activity = new Activity("test").Start();
        Assert.Equal(activity.TraceId.ToString(), await own.Client.GetGrain<IFilteredGrain>("a").Trace());
    }

    private IFilteredGrain Grain([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IFilteredGrain>(this.Key(name));
}
