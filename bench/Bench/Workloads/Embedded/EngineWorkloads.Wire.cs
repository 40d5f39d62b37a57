using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Serialization.Wire;
using Warroom.Bench.Load;
using Warroom.Incidents;

namespace Warroom.Bench.Workloads;

/// <content>What it costs to send a timeline event to another process. The baseline is JSON with generated code, which browsers are sent.</content>
internal static partial class EngineWorkloads
{
    private const string JsonName = "System.Text.Json, generated";

    static partial void RunWire(Report report)
    {
        var serializer = new WireSerializer(new GrainMap(ManifestLoader.Load()), static () => throw new InvalidOperationException("There are no references in it."));
        var update = Update();
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        using var json = new Utf8JsonWriter(output);
        void Write()
        {
            output.ResetWrittenCount();
            serializer.Write(output, update);
        }

        void WriteJson()
        {
            output.ResetWrittenCount();
            json.Reset(output);
            JsonSerializer.Serialize(json, update, WarroomJson.Wire.IncidentUpdate);
        }

        Write();
        var bytes = output.WrittenSpan.ToArray();
        WriteJson();
        var text = output.WrittenSpan.ToArray();
        report.Add("timeline event between processes", "bytes", bytes.Length, text.Length, JsonName, "", null);
        report.Add("timeline event between processes", "ns to write", BestNs(Write), BestNs(WriteJson), JsonName, "", null);
        report.Add("timeline event between processes", "ns to read", BestNs(() => serializer.Read<IncidentUpdate>(bytes)),
            BestNs(() => JsonSerializer.Deserialize(text, WarroomJson.Wire.IncidentUpdate)), JsonName, "", null);
    }

    private static double BestNs(Action action)
    {
        const int Each = 200_000;
        var best = double.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var n = 0; n < Each; n++) action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalNanoseconds / Each);
        }

        return best;
    }

    private static IncidentUpdate Update()
    {
        var id = Guid.Parse("0193f2c4-8a51-7d00-9b1f-0123456789ab");
        var at = new DateTimeOffset(2026, 11, 20, 23, 14, 5, TimeSpan.Zero);
        var author = new Author { Kind = AuthorKind.Person, Name = "Ada" };
        return new IncidentUpdate
        {
            IncidentId = id,
            Events =
            [
                new LoggedEvent
                {
                    Seq = 1_234,
                    Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    Body = """{"kind":"posted","text":"Restarted db-3, replication has caught up; error rate is going down.","at":"2026-11-20T23:14:05Z","by":{"kind":"person","name":"Ada"}}""",
                },
            ],
            Incident = new IncidentView
            {
                Id = id,
                Version = 1_234,
                Title = "Checkout is slow",
                Description = "Latency of checkout over 2 s since 22:50.",
                Severity = Severity.High,
                Status = IncidentStatus.Investigating,
                Service = "checkout",
                Services = ["checkout", "payments"],
                CreatedAt = at,
                StartedAt = at,
                UpdatedAt = at,
                OpenedBy = author,
            },
        };
    }
}
