using Orleans.Runtime;
using Warroom.Operations;
using Warroom.Streams;

namespace Warroom.Bots;

/// <summary>One bot, stored by <see cref="IPersistentState{TState}"/>.</summary>
public sealed class BotGrain([PersistentState("bot", BotGrain.Storage)] IPersistentState<BotState> stored, TimeProvider time, ILogger<BotGrain> logger) : OperableGrain, IBotGrain
{
    /// <summary>The name of the state storage.</summary>
    public const string Storage = "warroom";

    public async Task<BotView> CreateAsync(LaunchBot command, CancellationToken cancellationToken = default) =>
        await StoreAsync(BotRules.Create(Current, this.GetPrimaryKeyString(), command, time.GetUtcNow()));

    public async Task<BotView> ConfigureAsync(ConfigureBot command, CancellationToken cancellationToken = default) =>
        await StoreAsync(BotRules.Configure(Current, command, time.GetUtcNow()));

    public Task<BotView?> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(Current?.ToView());

    private BotState? Current => stored.RecordExists ? stored.State : null;

    private async Task<BotView> StoreAsync(BotState after)
    {
        if (ReferenceEquals(after, Current))
            return after.ToView();
        var before = stored.State;
        stored.State = after;
        try
        {
            // Not cancelled with the caller: once begun it is stored.
            await stored.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            // What was not stored is not shown. Whether it was may be unknown: the next activation reads what is.
            stored.State = before;
            DeactivateOnIdle();
            throw;
        }

        await this.TellCatalogueAsync("bot", after.Id, logger);
        return after.ToView();
    }
}
