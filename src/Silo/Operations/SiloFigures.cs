using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Warroom.Operations;

/// <summary>What a silo reports of itself, once a second. Figures are of this silo alone.</summary>
public sealed record SiloFigures
{
    /// <summary>The product's version.</summary>
    public required string Version { get; init; }

    /// <summary>The machine.</summary>
    public required string Machine { get; init; }

    /// <summary>The process id on that machine.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Whether a front end is in the same process: who drains it ends both.</summary>
    public required bool WithFrontend { get; init; }

    /// <summary>Where the process answers over HTTP: a silo's health and metrics.</summary>
    public required ImmutableArray<string> Addresses { get; init; }

    /// <summary>How long the process has been running, in seconds.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>Memory, processor, garbage collector.</summary>
    public required ProcessFigures Process { get; init; }

    /// <summary>Grains in memory.</summary>
    public required long Activations { get; init; }

    /// <summary>The same by kind, the most numerous first; at most 50 kinds.</summary>
    public required ImmutableArray<GrainCount> Grains { get; init; }

    /// <summary>Grain calls that ended in a second, over the last ten.</summary>
    public required double CallsPerSecond { get; init; }

    /// <summary>How long half of these took at most, in milliseconds. Absent: there were none.</summary>
    public double? CallP50Ms { get; init; }

    /// <summary>How long 99 of 100 took at most, in milliseconds. Absent: there were none.</summary>
    public double? CallP99Ms { get; init; }

    /// <summary>Calls that wait in mailboxes. Absent: this engine does not say.</summary>
    public long? MailboxDepth { get; init; }

    /// <summary>Grains in memory when it began to stop. Absent: it has not.</summary>
    public long? ActivationsBeforeDrain { get; init; }
}

/// <summary>What a process uses.</summary>
public sealed record ProcessFigures
{
    /// <summary>Resident memory, in bytes.</summary>
    public required long WorkingSetBytes { get; init; }

    /// <summary>Managed memory, in bytes, garbage included.</summary>
    public required long ManagedBytes { get; init; }

    /// <summary>Processors that it may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Processor time, in per cent of one processor.</summary>
    public required double CpuPercent { get; init; }

    /// <summary>Time in which the garbage collector held everything up, in per cent.</summary>
    public required double GcPausePercent { get; init; }

    /// <summary>Collections of generation 0 since the start.</summary>
    public required int Gen0Collections { get; init; }

    /// <summary>Collections of generation 1 since the start.</summary>
    public required int Gen1Collections { get; init; }

    /// <summary>Collections of generation 2 since the start.</summary>
    public required int Gen2Collections { get; init; }

    /// <summary>Threads of the thread pool.</summary>
    public required int Threads { get; init; }

    /// <summary>What waits for a thread of the pool.</summary>
    public required long QueuedWork { get; init; }
}

/// <summary>How many grains of a kind are in memory.</summary>
public sealed record GrainCount
{
    /// <summary>The kind, such as <c>Incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }
}

/// <summary>The JSON of reports in the database.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SiloFigures))]
internal sealed partial class SiloFiguresJson : JsonSerializerContext;
