namespace Orleans.Embedded.Scheduling;

/// <summary>Which waiting calls of a scheduler may begin.</summary>
internal enum Admission
{
    /// <summary>None: the activation is being made or ended.</summary>
    None,

    /// <summary>Those that may interleave with what runs: the activation is about to end.</summary>
    InterleavingOnly,

    /// <summary>The next one when nothing runs, or one that may interleave.</summary>
    All,
}
