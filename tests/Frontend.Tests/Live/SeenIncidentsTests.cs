using Warroom.Frontend.Live;
using Warroom.Incidents;

namespace Warroom.Frontend.Tests.Live;

public sealed class SeenIncidentsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private readonly SeenIncidents _seen = new();
    private readonly Guid _id = Guid.CreateVersion7();

    [Fact]
    public void Lost_NoMessageInTwoRounds_CountsOnce()
    {
        _seen.Add(_id, 1, Noon);
        Assert.Equal([0, 0, 1, 0, 0], [Round(1), Round(2), Round(2), Round(2), Round(2)]);
        Assert.Equal([0, 1], [Round(3), Round(3)]);
    }

    [Fact]
    public void Lost_IncidentThatNoMessageCameOf_Counts() => Assert.Equal([0, 1, 0], [Round(1), Round(1), Round(1)]);

    [Fact]
    public void Lost_MessageComesBetweenTwoRounds_IsNone()
    {
        Assert.Equal(0, Round(2));
        _seen.Add(_id, 2, Noon);
        Assert.Equal(0, Round(2));

        // It moves on, its messages a little behind the database.
        Assert.Equal(0, Round(4));
        _seen.Add(_id, 4, Noon);
        Assert.Equal(0, Round(6));
        _seen.Add(_id, 5, Noon);
        _seen.Add(_id, 6, Noon);
        Assert.Equal(0, Round(7));
    }

    [Fact]
    public void Add_OlderMessageLater_TheNewerCounts()
    {
        _seen.Add(_id, 5, Noon);
        _seen.Add(_id, 4, Noon);
        Assert.Equal([0, 0], [Round(5), Round(5)]);
    }

    [Fact]
    public void Forget_OldOnes_ThoseNearTheNewestStay()
    {
        var other = Guid.CreateVersion7();
        _seen.Forget(TimeSpan.FromMinutes(1));
        _seen.Add(_id, 1, Noon);
        _seen.Add(other, 1, Noon.AddMinutes(2));
        _seen.Forget(TimeSpan.FromMinutes(1));
        IncidentVersion[] stored = [new(_id, 1, Noon), new(other, 1, Noon.AddMinutes(2))];
        Assert.Equal([0, 1], [_seen.Lost(stored), _seen.Lost(stored)]);
    }

    private int Round(long stored) => _seen.Lost([new(_id, stored, Noon)]);
}
