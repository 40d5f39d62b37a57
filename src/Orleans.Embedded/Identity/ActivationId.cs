namespace Orleans.Runtime;

/// <summary>Who an activation is: one grain's object in memory. Written <c>@</c> and 32 hexadecimal digits.</summary>
public readonly struct ActivationId : IEquatable<ActivationId>
{
    private readonly Guid _key;

    /// <summary>Makes an identity of a guid.</summary>
    public ActivationId(Guid key) => _key = key;

    /// <summary>Whether this is the default value, which names no activation.</summary>
    public bool IsDefault => _key == Guid.Empty;

    /// <summary>A new identity that nothing else has.</summary>
    public static ActivationId NewId() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public bool Equals(ActivationId other) => _key.Equals(other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"@{_key:N}";

    /// <summary>The form that <see cref="FromParsableString"/> reads.</summary>
    public string ToParsableString() => ToString();

    /// <summary>Reads <c>@</c> and 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ActivationId FromParsableString(string activationId)
    {
        ArgumentNullException.ThrowIfNull(activationId);
        return activationId.StartsWith('@') && Guid.TryParseExact(activationId.AsSpan(1), "N", out var key)
            ? new ActivationId(key)
            : throw new FormatException($"\"{activationId}\" is not an activation id.");
    }

    /// <summary>Whether both name the same activation.</summary>
    public static bool operator ==(ActivationId left, ActivationId right) => left.Equals(right);

    /// <summary>Whether they name different activations.</summary>
    public static bool operator !=(ActivationId left, ActivationId right) => !left.Equals(right);
}
