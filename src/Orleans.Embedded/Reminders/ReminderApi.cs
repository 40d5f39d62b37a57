using System.Runtime.InteropServices;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A grain that has reminders. A reminder ticks whether or not the grain is active; the tick activates it.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>One tick. It comes at least once, so a repeat is possible; of the ticks that were due while nothing ran, the last is made up for.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }
}

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        /// <summary>Its name, unique for the grain.</summary>
        string ReminderName { get; }
    }

    /// <summary>When a reminder ticks. All times are UTC.</summary>
    [GenerateSerializer, Immutable]
    [StructLayout(LayoutKind.Auto)]
    public struct TickStatus
    {
        /// <summary>When the first tick was due.</summary>
        [Id(1)]
        public DateTime FirstTickTime { get; private set; }

        /// <summary>Time between two ticks.</summary>
        [Id(2)]
        public TimeSpan Period { get; private set; }

        /// <summary>When this tick was sent.</summary>
        [Id(3)]
        public DateTime CurrentTickTime { get; private set; }

        /// <summary>Makes a status.</summary>
        public static TickStatus Create(DateTime firstTickTime, TimeSpan period, DateTime timeStamp) =>
            new() { FirstTickTime = firstTickTime, Period = period, CurrentTickTime = timeStamp };

        /// <inheritdoc/>
        public override readonly string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }

    /// <summary>Something is wrong with a reminder or the reminder service.</summary>
    [GenerateSerializer]
    public class ReminderException : OrleansException
    {
        /// <summary>An exception with a text.</summary>
        public ReminderException(string message)
            : base(message)
        {
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>How reminders behave.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period that may be registered. Default: one minute.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read again, so that changes made elsewhere are seen. Default: five minutes.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

        /// <summary>How long the silo waits at start for the table to answer. Default: five minutes.</summary>
        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(5);
    }
}
