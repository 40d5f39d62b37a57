using System.Globalization;

namespace Warroom.Testing;

/// <summary>How many silos the clusters have that tests share: environment variable <c>WARROOM_TEST_SILOS</c>, 1 by default. The same tests pass with any number.</summary>
public static class SiloCount
{
    /// <summary>The number.</summary>
    public static short Value { get; } = short.TryParse(Environment.GetEnvironmentVariable("WARROOM_TEST_SILOS"), CultureInfo.InvariantCulture, out var count) ? count : (short)1;
}
