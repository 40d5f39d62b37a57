using Warroom.Alerts;
using Warroom.Bots;
using Warroom.Frontend.Alerts;
using Warroom.Frontend.Bots;
using Warroom.Frontend.Cluster;
using Warroom.Frontend.Errors;
using Warroom.Health;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Incidents;
using Warroom.Frontend.Live;
using Warroom.Frontend.Services;
using Warroom.Frontend.Sessions;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;
using Warroom.Operations;
using Warroom.Streams;
using Warroom.Testing;
using Xunit;

namespace Warroom.Frontend.Tests.Contracts;

public sealed class ContractsFileTests
{
    /// <summary>Set to <c>1</c> to write the file anew.</summary>
    public const string UpdateVariable = "WARROOM_UPDATE_CONTRACTS";

    private static readonly string FilePath = Path.Combine(Repository.Root, "src", "Frontend", "web", "src", "shared", "contracts.ts");

    [Fact]
    public async Task Contracts_file_is_what_the_records_say()
    {
        var fresh = Generate();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
            await File.WriteAllTextAsync(FilePath, fresh);
        }

        var stored = File.Exists(FilePath) ? await File.ReadAllTextAsync(FilePath) : "";
        Assert.True(fresh == stored, $"{FilePath} is stale: run this test with {UpdateVariable}=1 and commit the file.");
    }

    private static string Generate()
    {
        var writer = new TypeScriptWriter(new XmlDocs(typeof(IncidentView).Assembly, typeof(HealthReport).Assembly, typeof(Problem).Assembly));
        writer.Add(
            typeof(IncidentEvent), typeof(IncidentView), typeof(IncidentSummary), typeof(IncidentUpdate), typeof(OpenIncidentRequest), typeof(ChangeIncidentRequest), typeof(LinkServicesRequest),
            typeof(PostEntryRequest), typeof(Receipt), typeof(TimelinePage), typeof(WatchedIncident), typeof(ServiceEntry), typeof(PutServiceRequest), typeof(CatalogueChange));
        writer.Add(
            typeof(SessionEvent), typeof(SessionView), typeof(SessionAck), typeof(SessionUpdate), typeof(ChatMessage), typeof(StartSessionRequest), typeof(SendMessageRequest), typeof(MessagePage),
            typeof(WatchedSession), typeof(BotView), typeof(LaunchBotRequest), typeof(ConfigureBotRequest), typeof(ModelList));
        writer.Add(typeof(Alert), typeof(AlertRoutes), typeof(Problem), typeof(HealthReport), typeof(About), typeof(Standing));
        writer.Add(typeof(ClusterOverview), typeof(OperatorCommand), typeof(GrainPlace));
        writer.AddConstants(typeof(IncidentLimits));
        writer.AddConstants(typeof(BotLimits));
        return writer.ToString();
    }
}
