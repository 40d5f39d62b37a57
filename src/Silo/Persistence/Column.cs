using NpgsqlTypes;

namespace Warroom.Persistence;

/// <summary>A typed column: what lists and searches ask for, taken from the state with every write.</summary>
internal sealed class Column<TState>
{
    private readonly Func<TState, object?> _value;

    private Column(string name, ColumnKind kind, Func<TState, object?> value)
    {
        Name = name;
        Kind = kind;
        _value = value;
    }

    /// <summary>Its name in the table.</summary>
    public string Name { get; }

    internal ColumnKind Kind { get; }

    /// <summary>A column of type text.</summary>
    public static Column<TState> Text(string name, Func<TState, string?> value) => new(name, ColumnKind.Text, value);

    /// <summary>A column of type jsonb; the value is JSON text.</summary>
    public static Column<TState> Json(string name, Func<TState, string?> value) => new(name, ColumnKind.Json, value);

    /// <summary>A column of type integer.</summary>
    public static Column<TState> Integer(string name, Func<TState, int> value) => new(name, ColumnKind.Integer, state => value(state));

    /// <summary>A column of type boolean.</summary>
    public static Column<TState> Boolean(string name, Func<TState, bool> value) => new(name, ColumnKind.Boolean, state => value(state));

    /// <summary>A column of type timestamptz.</summary>
    public static Column<TState> Timestamp(string name, Func<TState, DateTimeOffset?> value) => new(name, ColumnKind.Timestamp, state => value(state)?.ToUniversalTime());

    internal object? ValueOf(TState state)
    {
        var value = _value(state);
        if (value is string text)
            StoredText.Check(Name, text);
        return value;
    }
}

/// <summary>A column's type: how arrays of its values are sent, and what each value is cast to.</summary>
internal sealed class ColumnKind
{
    private readonly Func<IReadOnlyList<object?>, Array> _toArray;

    private ColumnKind(NpgsqlDbType type, string arrayType, string cast, Func<IReadOnlyList<object?>, Array> toArray)
    {
        ParameterType = NpgsqlDbType.Array | type;
        ArrayType = arrayType;
        Cast = cast;
        _toArray = toArray;
    }

    public static ColumnKind Text { get; } = new(NpgsqlDbType.Text, "text[]", "", values => Copy(values, value => (string?)value));

    public static ColumnKind Json { get; } = new(NpgsqlDbType.Text, "text[]", "::jsonb", values => Copy(values, value => (string?)value));

    public static ColumnKind Integer { get; } = new(NpgsqlDbType.Integer, "integer[]", "", values => Copy(values, value => (int?)value));

    public static ColumnKind Boolean { get; } = new(NpgsqlDbType.Boolean, "boolean[]", "", values => Copy(values, value => (bool?)value));

    public static ColumnKind Timestamp { get; } = new(NpgsqlDbType.TimestampTz, "timestamptz[]", "", values => Copy(values, value => (DateTimeOffset?)value));

    public NpgsqlDbType ParameterType { get; }

    public string ArrayType { get; }

    public string Cast { get; }

    public Array ToArray(IReadOnlyList<object?> values) => _toArray(values);

    private static T[] Copy<T>(IReadOnlyList<object?> values, Func<object?, T> convert)
    {
        var copy = new T[values.Count];
        for (var i = 0; i < copy.Length; i++)
            copy[i] = convert(values[i]);
        return copy;
    }
}
