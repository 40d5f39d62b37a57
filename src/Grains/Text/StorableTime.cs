namespace Warroom.Text;

/// <summary>Times as PostgreSQL holds them: UTC, whole microseconds. What is stored in a column and what is stored as JSON are then the same.</summary>
public static class StorableTime
{
    /// <summary>The time in UTC, cut to microseconds.</summary>
    public static DateTimeOffset Of(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        return new(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
