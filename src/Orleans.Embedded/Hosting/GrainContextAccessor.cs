using Orleans.Embedded.Activations;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => ActivationContext.OfThisTurn
        ?? throw new InvalidOperationException("The running code is no turn of a grain.");
}
