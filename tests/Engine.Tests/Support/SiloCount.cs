using System.Globalization;

namespace Warroom.Engine.Tests.Support;

/// <summary>How many silos the shared cluster has: environment variable <c>WARROOM_TEST_SILOS</c>, 1 by default.</summary>
internal static class SiloCount
{
    public static short Value { get; } = short.TryParse(Environment.GetEnvironmentVariable("WARROOM_TEST_SILOS"), CultureInfo.InvariantCulture, out var count) ? count : (short)1;
}
