using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Embedded.Hosting;

/// <summary>What silos and clients have in common to be members of a cluster.</summary>
internal static class ClusterServices
{
    /// <summary>Reads section <c>Cluster</c> and refuses at start what cannot work.</summary>
    public static void AddOptions(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EmbeddedClusterOptions>()
            .Bind(configuration.GetSection(EmbeddedClusterOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddedClusterOptions>, ClusterOptionsCheck>());
    }

    private sealed class ClusterOptionsCheck : IValidateOptions<EmbeddedClusterOptions>
    {
        public ValidateOptionsResult Validate(string? name, EmbeddedClusterOptions options) =>
            options.Refusal is { } refusal ? ValidateOptionsResult.Fail(refusal) : ValidateOptionsResult.Success;
    }
}
