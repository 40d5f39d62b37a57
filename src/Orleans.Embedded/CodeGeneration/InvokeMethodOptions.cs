namespace Orleans.CodeGeneration;

/// <summary>What attributes of a grain method say about its calls.</summary>
[Flags]
public enum InvokeMethodOptions
{
    /// <summary>An ordinary call.</summary>
    None = 0,

    /// <summary>Nobody waits for an answer.</summary>
    OneWay = 1,

    /// <summary>It changes nothing.</summary>
    ReadOnly = 2,

    /// <summary>It may interleave with everything.</summary>
    AlwaysInterleave = 4,

    /// <summary>Its order does not matter.</summary>
    Unordered = 8,
}
