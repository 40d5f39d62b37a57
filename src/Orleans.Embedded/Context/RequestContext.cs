using Orleans.Embedded;

namespace Orleans.Runtime;

/// <summary>
/// Values that travel with calls: what is set before a call is seen by the callee and by what it calls. Changes of a callee do not come back.
/// Values must not change once they are set.
/// </summary>
public static class RequestContext
{
    private static readonly AsyncLocal<RequestValues?> Current = new();

    /// <summary>The call chain whose calls may come back into grains that allow it; empty if there is none.</summary>
    public static Guid ReentrancyId
    {
        get => Current.Value?.ReentrancyId ?? Guid.Empty;
        set => Values = RequestValues.WithReentrancy(Current.Value, value);
    }

    /// <summary>The names of all values.</summary>
    public static IEnumerable<string> Keys => Current.Value?.Keys ?? [];

    /// <summary>All values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Current.Value?.Entries ?? [];

    /// <summary>What goes with a call from here; null for nothing.</summary>
    internal static RequestValues? Values
    {
        get => Current.Value;
        set
        {
            if (!ReferenceEquals(Current.Value, value)) Current.Value = value;
        }
    }

    /// <summary>A value by its name, or null.</summary>
    public static object? Get(string key) => Current.Value?.Get(key);

    /// <summary>Sets a value.</summary>
    public static void Set(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Values = RequestValues.With(Current.Value, key, value);
    }

    /// <summary>Removes a value; false if there was none.</summary>
    public static bool Remove(string key)
    {
        if (Current.Value?.Get(key) is null) return false;
        Values = RequestValues.Without(Current.Value, key);
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Values = null;

    /// <summary>Until it is disposed, calls made from here may come back into this grain while it waits for them.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var original = ReentrancyId;
        return new ReentrancySection(original, original == Guid.Empty ? Guid.NewGuid() : original);
    }

    /// <summary>Until it is disposed, calls made from here do not come back into grains that wait for them.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>A stretch of code with its own rule for calls that come back.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _original;
        private readonly Guid _new;
        private readonly IReentrancyScope? _scope;

        /// <summary>Begins the stretch.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _new = newReentrancyId;
            _scope = newReentrancyId == Guid.Empty ? null : Embedded.Activations.ActivationContext.OfThisTurn;
            _scope?.Enter(newReentrancyId);
            if (originalReentrancyId != newReentrancyId) ReentrancyId = newReentrancyId;
        }

        /// <summary>Ends the stretch.</summary>
        public void Dispose()
        {
            _scope?.Exit(_new);
            if (_original != _new) ReentrancyId = _original;
        }
    }
}
