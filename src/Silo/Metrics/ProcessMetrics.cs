using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Warroom.Metrics;

/// <summary>The process, under the names that Prometheus's own clients use.</summary>
internal sealed class ProcessMetrics
{
    public const string MeterName = "Warroom.Process";

    public ProcessMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        var startedAt = new DateTimeOffset(Process.GetCurrentProcess().StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableCounter("process.cpu.seconds", () => Now(process => process.TotalProcessorTime.TotalSeconds), description: "CPU time of the process, in seconds.");
        meter.CreateObservableCounter("process.cpu.user.seconds", () => Now(process => process.UserProcessorTime.TotalSeconds), description: "CPU time in user mode, in seconds.");
        meter.CreateObservableCounter("process.cpu.system.seconds", () => Now(process => process.PrivilegedProcessorTime.TotalSeconds), description: "CPU time in the kernel, in seconds.");
        meter.CreateObservableGauge("process.resident.memory.bytes", () => Now(process => process.WorkingSet64), description: "Resident memory, in bytes.");
        meter.CreateObservableGauge("process.virtual.memory.bytes", () => Now(process => process.VirtualMemorySize64), description: "Virtual memory, in bytes.");
        meter.CreateObservableGauge("process.threads", () => Now(process => process.Threads.Count), description: "Threads of the operating system.");
        meter.CreateObservableGauge("process.open.fds", OpenFiles, description: "Open file descriptors.");
        meter.CreateObservableGauge("process.start.time.seconds", () => startedAt, description: "When the process started, in seconds since 1970.");
    }

    private static T Now<T>(Func<Process, T> read)
    {
        using var process = Process.GetCurrentProcess();
        return read(process);
    }

    private static IEnumerable<Measurement<long>> OpenFiles() =>
        OperatingSystem.IsLinux() ? [new Measurement<long>(Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount())] : [];
}
