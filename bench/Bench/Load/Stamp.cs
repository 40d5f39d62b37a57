using System.Diagnostics;
using System.Text;

namespace Warroom.Bench.Load;

/// <summary>A time inside a text: <c>@</c>, the machine's monotonic clock in decimal, <c>;</c>. All processes of one machine share that clock, so a latency is a difference.</summary>
internal static class Stamp
{
    public static string Now() => $"@{Stopwatch.GetTimestamp()};";

    /// <summary>Adds the age of every stamp in <paramref name="text"/>; returns how many there were.</summary>
    public static int Collect(ReadOnlySpan<byte> text, Samples? samples, int lane)
    {
        var now = Stopwatch.GetTimestamp();
        var count = 0;
        while (text.IndexOf((byte)'@') is >= 0 and var at)
        {
            text = text[(at + 1)..];
            long value = 0;
            var digits = 0;
            while (digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9')
                value = (value * 10) + text[digits++] - '0';
            if (digits < 8 || digits >= text.Length || text[digits] != (byte)';')
                continue;
            count++;
            samples?.Add(now - value, lane);
        }

        return count;
    }
}
