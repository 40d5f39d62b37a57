using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Life;

public interface ILivingGrain : IGrainWithStringKey
{
    Task<string> Activation();

    Task Hold(string name);

    Task End();

    Task<string> EndWithin(bool wait);

    Task Stay(TimeSpan time);
}

public abstract class LivingGrain : Grain, ILivingGrain
{
    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Recording.Add("activates");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Recording.Add($"ends: {reason.ReasonCode}");
        return this.GetPrimaryKeyString().Contains("bad end", StringComparison.Ordinal) ? throw new InvalidOperationException("A bad end.") : Task.CompletedTask;
    }

    public Task<string> Activation() => Task.FromResult(GrainContext.ActivationId.ToString());

    public async Task Hold(string name)
    {
        Recording.Add($"{name} begins");
        await Recording.GateAsync(name);
        Recording.Add($"{name} ends");
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string> EndWithin(bool wait)
    {
        Recording.Add("about to end");
        if (wait) await Recording.GateAsync();
        DeactivateOnIdle();
        await Task.Yield();
        return GrainContext.ActivationId.ToString();
    }

    public Task Stay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }
}

public interface IMortalGrain : ILivingGrain;

public sealed class MortalGrain : LivingGrain, IMortalGrain;

public interface IImmortalGrain : ILivingGrain;

[KeepAlive]
public sealed class ImmortalGrain : LivingGrain, IImmortalGrain;

public interface IStillbornGrain : IGrainWithStringKey
{
    Task<int> Tries();
}

public sealed class StillbornGrain : Grain, IStillbornGrain
{
    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Recording.Add("tries");
        if (Recording.Lines.Count < 3) throw new TimeZoneNotFoundException($"try {Recording.Lines.Count}");
    }

    public Task<int> Tries() => Task.FromResult(Recording.Lines.Count);
}

public interface IUnmakeableGrain : IGrainWithStringKey
{
    Task Never();
}

public sealed class UnmakeableGrain : Grain, IUnmakeableGrain
{
    public UnmakeableGrain() => throw new FormatException("no good");

    public Task Never() => Task.CompletedTask;
}

public interface IPlainGrain : IGrainWithStringKey
{
    Task<string> Key();

    Task End();
}

/// <summary>A grain without the base class, which is disposed of.</summary>
public sealed class PlainGrain(IGrainContext context) : IGrainBase, IPlainGrain, IAsyncDisposable
{
    public IGrainContext GrainContext => context;

    private Recording Recording => Recording.Of(context.GrainId.Key.ToString()!);

    public Task OnActivateAsync(CancellationToken token)
    {
        Recording.Add("activates");
        return Task.CompletedTask;
    }

    public Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token)
    {
        Recording.Add("ends");
        return Task.CompletedTask;
    }

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task End()
    {
        this.DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Recording.Add("is disposed of");
        return ValueTask.CompletedTask;
    }
}
