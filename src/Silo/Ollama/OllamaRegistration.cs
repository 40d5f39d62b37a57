using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>Registers Ollama as the way to models.</summary>
public static class OllamaRegistration
{
    /// <summary>Adds <see cref="IModelClients"/> over the endpoints of section <c>Ollama</c>, which is checked at start. What is registered before stays.</summary>
    public static IServiceCollection AddOllama(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<OllamaOptions>()
            .Bind(configuration.GetSection(OllamaOptions.Section))
            .PostConfigure(options =>
            {
                if (options.Endpoints.Count == 0)
                    options.Endpoints.Add(OllamaOptions.DefaultEndpoint);
            })
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OllamaOptions>, OllamaOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IModelClients, OllamaModelClients>();
        return services;
    }
}
