using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Warroom.Models;

namespace Warroom.Bots;

/// <summary>Registers what the grains of bots, sessions and model gateways are set up by.</summary>
public static class BotsRegistration
{
    /// <summary>Adds the figures, and the options of sections <c>Bots</c> and <c>Ollama</c>, checked at start. The way to models (<see cref="IModelClients"/>) is registered by itself.</summary>
    public static IServiceCollection AddBots(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<BotSessionOptions>().Bind(configuration.GetSection(BotSessionOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ModelGatewayOptions>().Bind(configuration.GetSection(ModelGatewayOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton<BotMetrics>();
        return services;
    }
}
