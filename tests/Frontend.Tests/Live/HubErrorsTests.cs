using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Warroom.Frontend.Live;

namespace Warroom.Frontend.Tests.Live;

public sealed class HubErrorsTests : ILogger<HubErrors>
{
    private readonly List<string> _logged = [];

    [Fact]
    public async Task Call_OutageOrFault_IsLoggedAsOverRest_ARefusalIsNot()
    {
        await CallAsync(new DomainException(RefusalKind.NotFound, "incident.not_found", "There is none."));
        Assert.Empty(_logged);

        await CallAsync(new TimeoutException("No answer."));
        Assert.Equal(["Warning: Hub call Post was answered with warroom.outcome_unknown"], _logged);

        await CallAsync(new InvalidCastException("A bug."));
        Assert.Equal("Error: Hub call Post failed", _logged[^1]);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _logged.Add($"{logLevel}: {formatter(state, exception)}");

    private async Task CallAsync(Exception failure)
    {
        using var hub = new AnyHub();
        var call = new HubInvocationContext(null!, null!, hub, typeof(AnyHub).GetMethod(nameof(AnyHub.Post))!, []);
        await Assert.ThrowsAsync<HubException>(async () => await new HubErrors(this).InvokeMethodAsync(call, _ => throw failure));
    }

    private sealed class AnyHub : Hub
    {
        public void Post()
        {
        }
    }
}
