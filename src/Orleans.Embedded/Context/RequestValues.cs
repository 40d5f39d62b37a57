namespace Orleans.Embedded;

/// <summary>An unchanging set of values that travel with a call.</summary>
internal sealed class RequestValues
{
    private readonly Dictionary<string, object>? _values;

    private RequestValues(Dictionary<string, object>? values, Guid reentrancyId)
    {
        _values = values;
        ReentrancyId = reentrancyId;
    }

    public Guid ReentrancyId { get; }

    public int Count => _values?.Count ?? 0;

    public IEnumerable<string> Keys => _values?.Keys ?? Enumerable.Empty<string>();

    public IEnumerable<KeyValuePair<string, object>> Entries => _values ?? Enumerable.Empty<KeyValuePair<string, object>>();

    public object? Get(string key) => _values?.GetValueOrDefault(key);

    public static RequestValues With(RequestValues? values, string key, object value) =>
        new(values?._values is { } old ? new Dictionary<string, object>(old) { [key] = value } : new Dictionary<string, object> { [key] = value },
            values?.ReentrancyId ?? Guid.Empty);

    public static RequestValues? Without(RequestValues? values, string key)
    {
        if (values?._values is not { } old) return values;
        var rest = new Dictionary<string, object>(old);
        rest.Remove(key);
        return Normal(rest, values.ReentrancyId);
    }

    public static RequestValues? WithReentrancy(RequestValues? values, Guid id) => Normal(values?._values, id);

    /// <summary>What came from another process.</summary>
    public static RequestValues? Of(Dictionary<string, object> values, Guid id) => Normal(values, id);

    /// <summary>Nothing is null, so that calls without values cost nothing.</summary>
    private static RequestValues? Normal(Dictionary<string, object>? values, Guid id) =>
        (values is null or { Count: 0 }) && id == Guid.Empty ? null : new RequestValues(values, id);
}

/// <summary>A grain into which calls of a chain may come back.</summary>
internal interface IReentrancyScope
{
    void Enter(Guid id);

    void Exit(Guid id);
}
