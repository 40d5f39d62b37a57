using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace Warroom.Hosting;

/// <summary>The host of a silo that is a process of its own: health and metrics over HTTP, nothing else.</summary>
internal static class SiloHost
{
    /// <summary>Where health and metrics are unless told otherwise.</summary>
    public const string DefaultAddress = "http://127.0.0.1:8081";

    /// <summary>Settings come from the environment and the command line; the folder it is started from does not matter. A silo of its own always finds the others through the database.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection([new($"{WarroomSiloOptions.Section}:{nameof(WarroomSiloOptions.Role)}", nameof(ClusterRole.All)), new($"{WarroomSiloOptions.Section}:{nameof(WarroomSiloOptions.Membership)}", nameof(ClusterMembership.Database))]);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]) && string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.HttpPortsKey]))
            builder.WebHost.UseUrls(DefaultAddress);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder;
    }
}
