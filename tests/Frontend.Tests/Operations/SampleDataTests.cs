using System.Net;
using Warroom.Frontend.Tests.Support;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Operations;

public sealed class SampleDataTests
{
    [Fact]
    public async Task Samples_AskedFor_AreThereOnceAndMarked()
    {
        await using var database = await TestDatabase.CreateAsync();
        for (var start = 0; start < 2; start++)
        {
            await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString, ("Warroom:SampleServices", "true"));
            await Eventually.HoldsAsync("the samples", async () => (await warroom.Http.GetAnswerAsync("api/services")).Is(HttpStatusCode.OK).GetArrayLength() == 6 && (await warroom.Http.GetAnswerAsync("api/bots")).Json.GetArrayLength() == 1);
            Assert.All((await warroom.Http.GetAnswerAsync("api/services")).Json.EnumerateArray(), service => Assert.True(service.GetProperty("sample").GetBoolean()));
            Assert.True((await warroom.Http.GetAnswerAsync("api/about")).Is(HttpStatusCode.OK).GetProperty("sample_services").GetBoolean());
        }
    }
}
