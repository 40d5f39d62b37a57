using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>One call on its way, as filters see it.</summary>
public interface IGrainCallContext
{
    /// <summary>The call itself.</summary>
    IInvokable Request { get; }

    /// <summary>On the way in, the grain's object; on the way out, the reference that is called.</summary>
    object Grain { get; }

    /// <summary>Who calls: a grain or a client; null if not known.</summary>
    GrainId? SourceId { get; }

    /// <summary>Who is called.</summary>
    GrainId TargetId { get; }

    /// <summary>The interface's name in messages.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The interface's full name.</summary>
    string InterfaceName { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>The interface's method.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The result, once <see cref="Invoke"/> has completed; a filter may replace it.</summary>
    object? Result { get; set; }

    /// <summary>The response, once <see cref="Invoke"/> has completed; a filter may replace it.</summary>
    Response? Response { get; set; }

    /// <summary>Goes on to the next filter, and after the last to the grain. An exception of the grain is thrown here.</summary>
    Task Invoke();
}

/// <summary>A call that arrives at a grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that is called.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The class's method.</summary>
    MethodInfo ImplementationMethod { get; }
}

/// <summary>A call that leaves.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that calls; null if the caller is no grain.</summary>
    IGrainContext? SourceContext { get; }
}

/// <summary>Runs around calls that arrive; also implemented by a grain class for its own calls.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Runs in the callee's turn; go on with <see cref="IGrainCallContext.Invoke"/>.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Runs around calls that leave.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Runs in the caller's turn; go on with <see cref="IGrainCallContext.Invoke"/>.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}

/// <summary>A filter of calls that arrive, as a method.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

/// <summary>A filter of calls that leave, as a method.</summary>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);
