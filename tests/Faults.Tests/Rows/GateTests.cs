using Xunit;

namespace Warroom.Faults.Rows;

public sealed class GateTests
{
    [Theory]
    [InlineData("""{"Timestamp":"2026-11-21T02:00:00.000Z","EventId":2414,"LogLevel":"Error","Category":"Warroom.Hosting.WarroomProcess","Message":"A task failed and nobody waited for it"}""")]
    [InlineData("""{"Timestamp":"2026-11-21T02:00:00.000Z","EventId":1,"LogLevel":"Critical","Category":"Microsoft.AspNetCore.Server.Kestrel","Message":"Unable to start"}""")]
    [InlineData("Unhandled exception. System.InvalidOperationException: no")]
    [InlineData("Fatal error. Internal CLR error.")]
    public void IsBug_WhatNoFaultExcuses_Is(string line) => Assert.True(Gate.IsBug(line));

    [Theory]
    [InlineData("""{"Timestamp":"2026-11-21T02:00:00.000Z","EventId":1305,"LogLevel":"Error","Category":"Orleans.Embedded.Membership.MembershipService","Message":"The lease of silo S1 has run out: it serves nothing"}""")]
    [InlineData("""{"Timestamp":"2026-11-21T02:00:00.000Z","EventId":2414,"LogLevel":"Warning","Category":"Warroom","Message":"..."}""")]
    [InlineData("""{"cut off by a kill""")]
    public void IsBug_WhatFaultsBring_IsNot(string line) => Assert.False(Gate.IsBug(line));
}
