namespace Warroom.Control;

/// <summary>Ends the program with a sentence and a code.</summary>
internal sealed class ControlException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Whether nothing listens where Warroom is looked for.</summary>
    public bool NobodyListens { get; init; }
}
