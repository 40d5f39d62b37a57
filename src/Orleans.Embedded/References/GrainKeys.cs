using Orleans.Runtime;

namespace Orleans.Embedded.References;

/// <summary>Which key a grain interface asks for.</summary>
internal static class GrainKeys
{
    public static void RequireText(string? key, string parameter)
    {
        if (key is null) throw new ArgumentNullException(parameter);
        if (string.IsNullOrWhiteSpace(key)) throw new ArgumentException("A grain's key must not be empty or blank.", parameter);
    }

    public static void Require<TKind>(Type interfaceType)
    {
        if (!typeof(TKind).IsAssignableFrom(interfaceType))
            throw new ArgumentException($"{interfaceType} is no {typeof(TKind).Name}: its grains have another kind of key.", nameof(interfaceType));
    }
}
