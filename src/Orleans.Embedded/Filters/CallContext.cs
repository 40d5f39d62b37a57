using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.Filters;

/// <summary>One call on its way through filters.</summary>
internal abstract class CallContext(GrainRequest request) : IGrainCallContext
{
    public IInvokable Request => request;

    public abstract object Grain { get; }

    public GrainId? SourceId => request.Inbound is { } inbound ? inbound.Source : request.Source switch
    {
        ActivationContext activation => activation.GrainId,
        Observers.ObserverContext observer => observer.GrainId,
        _ => request.Reference!.Shared.Sender.SourceId,
    };

    public GrainId TargetId => request.Reference!.GrainId;

    public GrainInterfaceType InterfaceType => request.Reference!.InterfaceType;

    public string InterfaceName => request.GetInterfaceName();

    public string MethodName => request.GetMethodName();

    public MethodInfo InterfaceMethod => request.GetMethod();

    public object? Result
    {
        get => Response?.Result;
        set => Response = Response.FromResult(value);
    }

    public Response? Response { get; set; }

    protected GrainRequest Call => request;

    /// <summary>How far the call has come.</summary>
    protected int Stage { get; set; }

    public abstract Task Invoke();

    /// <summary>Throws the exception of the call, for the filter that waits.</summary>
    protected void ThrowIfFailed()
    {
        if (Response?.Exception is { } exception) ExceptionDispatchInfo.Throw(exception);
    }
}

/// <summary>A call that arrives.</summary>
internal sealed class IncomingCallContext(GrainRequest request, ActivationContext activation, IReadOnlyList<IIncomingGrainCallFilter> filters)
    : CallContext(request), IIncomingGrainCallContext
{
    public override object Grain => activation.GrainInstance!;

    public IGrainContext TargetContext => activation;

    public MethodInfo ImplementationMethod => ImplementationMethods.Of(activation.Class.Descriptor.Type, InterfaceMethod);

    public override Task Invoke()
    {
        // As an async method would: what is thrown is in the task, and what was changed in the flow ends here.
        var flow = ExecutionContext.Capture();
        var stage = Stage++;
        Task call;
        try
        {
            call = Next(stage) ?? throw new InvalidOperationException($"A filter of {Call} returned null in place of a task.");
        }
        catch (Exception exception)
        {
            call = Task.FromException(exception);
        }

        if (flow is not null && !ReferenceEquals(ExecutionContext.Capture(), flow)) ExecutionContext.Restore(flow);
        if (!call.IsCompleted) return GoOnAsync(call, stage);

        // A filter that goes on a second time repeats what comes after it, not itself.
        Stage = stage;
        return call;
    }

    private Task Next(int stage)
    {
        if (stage < filters.Count) return filters[stage].Invoke(this);
        if (stage == filters.Count && Grain is IIncomingGrainCallFilter own) return own.Invoke(this);
        var call = Call.InvokeOn(Grain);
        if (!call.IsCompletedSuccessfully) return TakeAsync(call);
        Response = call.Result;
        return Response.Exception is { } exception ? Task.FromException(exception) : Task.CompletedTask;
    }

    private async Task TakeAsync(ValueTask<Response> call)
    {
        Response = await call;
        ThrowIfFailed();
    }

    private async Task GoOnAsync(Task call, int stage)
    {
        try
        {
            await call;
        }
        finally
        {
            Stage = stage;
        }
    }
}

/// <summary>A call that leaves.</summary>
internal sealed class OutgoingCallContext<TResult>(
    CallSender sender, GrainReference reference, GrainRequest<TResult> request, IReadOnlyList<IOutgoingGrainCallFilter> filters)
    : CallContext(request), IOutgoingGrainCallContext
{
    public override object Grain => reference;

    public IGrainContext? SourceContext => Call.Source as IGrainContext;

    public override async Task Invoke()
    {
        var stage = Stage++;
        try
        {
            if (stage < filters.Count)
            {
                await filters[stage].Invoke(this);
                return;
            }

            try
            {
                Response = GrainRequest<TResult>.ToResponse(await sender.Submit(reference, request));
            }
            catch (Exception exception)
            {
                Response = Response.FromException(exception);
                throw;
            }
        }
        finally
        {
            Stage = stage;
        }
    }
}
