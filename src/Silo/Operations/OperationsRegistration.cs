using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Warroom.Operations;

/// <summary>Registers what operators see and ask for.</summary>
public static class OperationsRegistration
{
    /// <summary>Lets the silo of this process report and be drained. Before the silo is added: the reports then begin before it and end after it.</summary>
    /// <param name="builder">A host with the stop in order (<c>AddWarroomProcess</c>).</param>
    /// <param name="withFrontend">Whether a front end is in the same process.</param>
    public static void AddSiloReports(this IHostApplicationBuilder builder, bool withFrontend)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddMetrics();
        services.AddSingleton(new ProcessKind(withFrontend));
        services.AddSingleton<CallTimes>();
        services.AddSingleton<IIncomingGrainCallFilter>(provider => provider.GetRequiredService<CallTimes>());
        services.AddHostedService<SiloReporter>();
    }
}

/// <summary>What else is in the silo's process.</summary>
internal sealed record ProcessKind(bool WithFrontend);
