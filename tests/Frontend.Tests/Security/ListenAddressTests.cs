using Microsoft.Extensions.Configuration;
using Warroom.Frontend.Errors;
using Warroom.Frontend.Security;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Security;

/// <summary>Until somebody can sign in, only this machine may reach Warroom.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("urls", "http://0.0.0.0:8000")]
    [InlineData("urls", "http://*:8000")]
    [InlineData("urls", "http://+:8000")]
    [InlineData("urls", "http://[::]:8000")]
    [InlineData("urls", "http://10.0.0.7:8000")]
    [InlineData("urls", "http://warroom.example:8000")]
    [InlineData("urls", "http://127.0.0.1:8000;http://192.168.1.2:8000")]
    [InlineData("urls", "http://127.0.0.1:8000;http://0.0.0.0:8000")]
    [InlineData("urls", "nonsense")]
    [InlineData("http_ports", "8080")]
    [InlineData("https_ports", "8443")]
    [InlineData("Kestrel:Endpoints:Main:Url", "http://0.0.0.0:8000")]
    public void Refuse_AddressThatOthersReach_SaysWhatToDo(string key, string value)
    {
        Assert.Contains("--insecure", ListenAddresses.Refuse(Configured(key, value), insecure: false), StringComparison.Ordinal);
        Assert.Null(ListenAddresses.Refuse(Configured(key, value), insecure: true));
    }

    [Theory]
    [InlineData("urls", "http://127.0.0.1:8000")]
    [InlineData("urls", "http://localhost:8000")]
    [InlineData("urls", "http://[::1]:8000")]
    [InlineData("urls", "http://localhost:8000;http://[::1]:8000")]
    [InlineData("urls", "http://127.8.9.1:0/")]
    [InlineData("urls", "")]
    public void Refuse_Loopback_IsFine(string key, string value)
    {
        Assert.Null(ListenAddresses.Refuse(Configured(key, value), insecure: false));
        Assert.Null(ListenAddresses.Refuse(Configured(key, value), insecure: true));
    }

    [Fact]
    public async Task Program_AddressThatOthersReach_EndsAtOnceWithTheReason()
    {
        await using var process = ProcessUnderTest.Start("dotnet", [typeof(Problem).Assembly.Location, "--urls", "http://0.0.0.0:0"]);
        Assert.Equal(1, await process.WaitForExitAsync("as the address is refused"));
        Assert.Contains(process.Lines, line => line.Contains("--insecure", StringComparison.Ordinal));
    }

    private static IConfiguration Configured(string key, string value) => new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
}
