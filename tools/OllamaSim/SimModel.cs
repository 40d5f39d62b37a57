using System.Security.Cryptography;
using System.Text;

namespace Warroom.Simulation;

/// <summary>The models that the simulator says it has. Their family is <c>simulated</c>, so that no page can take them for real ones.</summary>
internal sealed record SimModel(string Name, string ParameterSize, int Dimensions)
{
    public const string Family = "simulated";

    public static readonly DateTimeOffset ModifiedAt = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static readonly IReadOnlyList<SimModel> All =
    [
        new("sim:small", "0B", 384),
        new("sim:large", "0B", 1024),
        new("sim:embed", "0B", 768),
    ];

    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Name)));

    /// <summary>Finds a model by name, as Ollama does: without a tag, <c>latest</c> is meant; case does not count.</summary>
    public static SimModel? Find(string name)
    {
        var full = name.Contains(':', StringComparison.Ordinal) ? name : name + ":latest";
        return All.FirstOrDefault(model => string.Equals(model.Name, full, StringComparison.OrdinalIgnoreCase));
    }
}
