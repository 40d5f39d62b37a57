using Microsoft.Extensions.Options;

namespace Warroom.Frontend.Security;

/// <summary>The origins beside our own whose pages may use this server: <see cref="AccessOptions.AllowedOrigins"/> and <c>CORS_ALLOWED_ORIGINS</c>. A star is refused: it would let every page in.</summary>
internal sealed class AllowedOrigins
{
    public const string Variable = "CORS_ALLOWED_ORIGINS";
    private readonly HashSet<string> _origins;

    public AllowedOrigins(IOptions<AccessOptions> options, IConfiguration configuration)
    {
        var named = configuration[Variable]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        _origins = new HashSet<string>(options.Value.AllowedOrigins.Concat(named).Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);
        if (_origins.FirstOrDefault(origin => !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) is { } bad)
        {
            throw new OptionsValidationException(Variable, typeof(AccessOptions), [$"{Variable}: \"{bad}\" is not an origin. Name each one, such as https://grafana.example.org."]);
        }
    }

    public IReadOnlyCollection<string> All => _origins;

    public bool Contains(string origin) => _origins.Contains(origin);
}
