using Orleans.Storage;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.State;

[GenerateSerializer, Alias("engine-tests.notes")]
public sealed class Notes
{
    [Id(0)]
    public List<string> Lines { get; set; } = [];
}

public interface INotesGrain : IGrainWithStringKey
{
    Task Write(string line);

    Task<bool> TryWrite(string line);

    Task Set(string line);

    Task Clear();

    Task Read();

    Task<List<string>> Lines();

    Task<(bool Exists, bool HasEtag)> Record();

    Task<string> Activation();

    Task End();
}

public abstract class NotesGrainBase(IPersistentState<Notes> notes) : Grain, INotesGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Recording.Of(this.GetPrimaryKeyString()).Add($"activates with {notes.State.Lines.Count}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Recording.Of(this.GetPrimaryKeyString()).Add($"ends: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task Write(string line)
    {
        await Set(line);
        await notes.WriteStateAsync();
    }

    public async Task<bool> TryWrite(string line)
    {
        try
        {
            await Write(line);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    public Task Set(string line)
    {
        notes.State = new Notes { Lines = [.. notes.State.Lines, line] };
        return Task.CompletedTask;
    }

    public Task Clear() => notes.ClearStateAsync();

    public Task Read() => notes.ReadStateAsync();

    public Task<List<string>> Lines() => Task.FromResult(notes.State.Lines.ToList());

    public Task<(bool Exists, bool HasEtag)> Record() => Task.FromResult((notes.RecordExists, notes.Etag is not null));

    public Task<string> Activation() => Task.FromResult(GrainContext.ActivationId.ToString());

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface IMemoryNotesGrain : INotesGrain;

public sealed class MemoryNotesGrain([PersistentState("notes")] IPersistentState<Notes> notes) : NotesGrainBase(notes), IMemoryNotesGrain;

public interface IRefusedNotesGrain : INotesGrain;

public sealed class RefusedNotesGrain([PersistentState("notes", EngineCluster.Refusing)] IPersistentState<Notes> notes) : NotesGrainBase(notes), IRefusedNotesGrain;

public interface ITwoStatesGrain : IGrainWithStringKey
{
    Task Write(string one, string other);

    Task<(string First, string Second)> Read();

    Task End();
}

public sealed class TwoStatesGrain(
    [PersistentState("first")] IPersistentState<Notes> first, [PersistentState("second", "other")] IPersistentState<Notes> second) : Grain, ITwoStatesGrain
{
    public async Task Write(string one, string other)
    {
        first.State.Lines = [one];
        second.State.Lines = [other];
        await Task.WhenAll(first.WriteStateAsync(), second.WriteStateAsync());
    }

    public Task<(string First, string Second)> Read() => Task.FromResult((first.State.Lines.Single(), second.State.Lines.Single()));

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface INowhereGrain : IGrainWithStringKey
{
    Task Never();
}

public sealed class NowhereGrain([PersistentState("notes", "no such storage")] IPersistentState<Notes> notes) : Grain, INowhereGrain
{
    public Task Never() => notes.WriteStateAsync();
}

/// <summary>States that are kept by a storage.</summary>
public sealed class StateTests(EngineCluster cluster)
{
    [Fact]
    public async Task State_OfANewGrain_IsEmptyAndNotRecorded()
    {
        Assert.Equal((false, false), await Memory().Record());
        Assert.Empty(await Memory().Lines());
        Assert.Equal(["activates with 0"], Record().Lines);
    }

    [Fact]
    public async Task State_Written_IsReadBeforeTheNextActivation()
    {
        await Memory().Write("one");
        Assert.Equal((true, true), await Memory().Record());
        await Memory().End();
        await Record().HasAsync("ends: ApplicationRequested");
        Assert.Equal(["one"], await Memory().Lines());
        Assert.Equal("activates with 1", Record().Lines[^1]);
    }

    [Fact]
    public async Task State_SetButNotWritten_IsLostByAReadAndByTheEnd()
    {
        await Memory().Write("one");
        await Memory().Set("two");
        Assert.Equal(["one", "two"], await Memory().Lines());
        await Memory().Read();
        Assert.Equal(["one"], await Memory().Lines());
    }

    [Fact]
    public async Task State_Cleared_IsEmptyAndStartsANewRecord()
    {
        await Memory().Write("one");
        await Memory().Clear();
        Assert.Equal((false, false), await Memory().Record());
        Assert.Empty(await Memory().Lines());
        await Memory().Write("two");
        Assert.Equal(["two"], await Memory().Lines());
    }

    [Fact]
    public async Task States_TwoOfAGrain_AreKeptApart()
    {
        var grain = cluster.Client.GetGrain<ITwoStatesGrain>(this.Key());
        await grain.Write("a", "b");
        await grain.End();
        Assert.Equal(("a", "b"), await grain.Read());
    }

    [Fact]
    public async Task Storage_ThatDoesNotExist_FailsTheCall() =>
        await cluster.Client.GetGrain<INowhereGrain>(this.Key()).Never().FailsAsync();

    [Fact]
    public async Task Write_ThatFails_ArrivesWrappedAndTheActivationStays()
    {
        var activation = await Refused().Activation();
        RefusingStorage.Refuse("write", this.Key(), new TimeZoneNotFoundException("disk"));
        var wrapped = await Assert.ThrowsAsync<OrleansException>(() => Refused().Write("one"));
        Assert.IsType<TimeZoneNotFoundException>(wrapped.InnerException);
        Assert.Equal((false, false), await Refused().Record());
        Assert.Equal(["one"], await Refused().Lines());
        Assert.Equal(activation, await Refused().Activation());
        await Refused().Write("two");
        Assert.Equal((true, true), await Refused().Record());
    }

    [Fact]
    public async Task FirstRead_ThatFails_FailsTheCallAndIsTriedAgain()
    {
        RefusingStorage.Refuse("read", this.Key(), new TimeZoneNotFoundException("disk"));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => Refused().Activation().Soon());
        Assert.Contains(nameof(TimeZoneNotFoundException), exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(await Refused().Lines());
    }

    [Fact]
    public async Task Conflict_ThatEscapes_EndsTheActivationAndTheNextOneReads()
    {
        await Refused().Write("mine");
        RefusingStorage.Overwrite(this.Key(), new Notes { Lines = ["theirs", "too"] });
        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Refused().Write("lost"));
        Assert.Equal(("2", "1"), (conflict.StoredEtag, conflict.CurrentEtag));
        await Record().HasAsync("ends: ApplicationError");
        Assert.Equal(["theirs", "too"], await Refused().Lines());
    }

    [Fact]
    public async Task Conflict_ThatIsCaught_EndsNothing()
    {
        var activation = await Refused().Activation();
        await Refused().Write("mine");
        RefusingStorage.Overwrite(this.Key(), new Notes { Lines = ["theirs"] });
        Assert.False(await Refused().TryWrite("lost"));
        Assert.Equal(activation, await Refused().Activation());
        await Refused().Read();
        Assert.Equal(["theirs"], await Refused().Lines());
    }

    private IMemoryNotesGrain Memory([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IMemoryNotesGrain>(this.Key(name));

    private IRefusedNotesGrain Refused([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<IRefusedNotesGrain>(this.Key(name));

    private Recording Record([System.Runtime.CompilerServices.CallerMemberName] string name = "") => Recording.Of(this.Key(name));
}
