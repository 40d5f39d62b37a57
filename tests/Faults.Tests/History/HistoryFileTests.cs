using Xunit;

namespace Warroom.Faults.History;

/// <summary>What is written can be read, up to the line in which the writer was killed.</summary>
public sealed class HistoryFileTests
{
    [Fact]
    public async Task Read_FileWhoseLastLineIsCut_GivesAllWholeRecords()
    {
        var path = Path.GetTempFileName();
        try
        {
            var incident = Guid.CreateVersion7();
            await using (var file = new HistoryFile(path))
            {
                file.Add(new Invoked(incident, "w1", OperationKind.ChangeIf, incident, 4, "p", "fe1"));
                file.Add(new Returned(incident, Outcome.Info, Code: "reset"));
                file.Add(new Received("v1", incident, 7, "h", "p", Applied: true, Via.Resume));
                file.Add(new Watched("v1", incident, Watching.Resume, 6));
                file.Add(new Token("v1", incident, 3, "text"));
                file.Add(new RunEnded("v1", incident, RunEnd.Interrupted));
                file.Add(new Nemesis("kill", FaultPhase.Effect, 3));

                // Each line is there before the next is written: a killed writer leaves all it had said.
                Assert.Equal(file.Records(), HistoryFile.Read(path));
                Assert.Equal(file.Records().OrderBy(record => record.T), file.Records());
            }

            var text = await File.ReadAllTextAsync(path);
            await File.WriteAllTextAsync(path, text[..^5]);
            Assert.Equal(6, HistoryFile.Read(path).Count);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
