namespace Orleans.Embedded.Hosting;

/// <summary>A filter of the calls that a client sends, kept apart from those of the silo in the same process.</summary>
internal sealed record ClientCallFilter(Func<IServiceProvider, IOutgoingGrainCallFilter> Create);

/// <summary>Whether activities flow through calls.</summary>
internal sealed class ActivityPropagationOptions
{
    public bool Enabled { get; set; }
}

internal sealed class DelegateIncomingFilter(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => filter(context);
}

internal sealed class DelegateOutgoingFilter(OutgoingGrainCallFilterDelegate filter) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => filter(context);
}
