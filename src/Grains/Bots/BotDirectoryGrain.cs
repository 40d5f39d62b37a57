using Orleans.Runtime;
using Warroom.Operations;

namespace Warroom.Bots;

/// <summary>Gives bots their numbers. The number is stored before the bot is made, so a launch that breaks off is finished by its resend, under the same number.</summary>
public sealed class BotDirectoryGrain([PersistentState("bot-directory", BotGrain.Storage)] IPersistentState<BotDirectoryState> stored) : OperableGrain, IBotDirectoryGrain
{
    public async Task<BotView> LaunchAsync(LaunchBot command, CancellationToken cancellationToken = default)
    {
        BotRules.Check(command);
        var before = stored.RecordExists ? stored.State : new BotDirectoryState();
        if (!before.Launches.TryGetValue(command.OperationId, out var number))
        {
            if (before.LastNumber >= BotRules.BotsMax)
                throw new DomainException(RefusalKind.TooMany, "bot.too_many", $"There are {BotRules.BotsMax} bots already.");
            number = before.LastNumber + 1;
            stored.State = before with { LastNumber = number, Launches = before.Launches.Add(command.OperationId, number) };
            try
            {
                await stored.WriteStateAsync(CancellationToken.None);
            }
            catch
            {
                stored.State = before;
                DeactivateOnIdle();
                throw;
            }
        }

        return await GrainFactory.GetGrain<IBotGrain>(BotRules.IdOf(number)).CreateAsync(command, cancellationToken);
    }
}
