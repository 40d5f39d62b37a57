namespace Warroom.Control;

/// <summary>What the program ends with, for scripts.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It was answered, and what is asked about is not well.</summary>
    public const int NotWell = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Warroom refused.</summary>
    public const int Refused = 3;

    /// <summary>Warroom did not answer, or cannot now.</summary>
    public const int Unreachable = 4;

    /// <summary>It went on for longer than it was to be waited for.</summary>
    public const int TimedOut = 5;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
