namespace Warroom.Alerts;

/// <summary>The limits of an alert's fields. An alert is never lost for being long: what is over a limit is cut.</summary>
public static class AlertLimits
{
    /// <summary>The most alerts in one batch; more is refused with <c>alert.too_many</c>.</summary>
    public const int BatchMax = 1_000;

    /// <summary>The longest fingerprint, in characters; an alert with a longer one, or none, is ignored.</summary>
    public const int FingerprintLengthMax = 128;

    /// <summary>The longest name, in characters.</summary>
    public const int NameLengthMax = 160;

    /// <summary>The longest summary, in characters.</summary>
    public const int SummaryLengthMax = 2_000;

    /// <summary>The most labels.</summary>
    public const int LabelsMax = 64;

    /// <summary>The longest name of a label, in characters.</summary>
    public const int LabelNameLengthMax = 128;

    /// <summary>The longest value of a label, in characters.</summary>
    public const int LabelValueLengthMax = 1_024;

    /// <summary>The longest source address, in characters; a longer one is left out.</summary>
    public const int SourceUrlLengthMax = 2_048;
}
