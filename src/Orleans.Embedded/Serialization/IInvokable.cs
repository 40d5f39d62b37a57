using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>Holds the object that a call is made on.</summary>
public interface ITargetHolder
{
    /// <summary>The object itself as the given type; null if it is none.</summary>
    TTarget? GetTarget<TTarget>() where TTarget : class;

    /// <summary>An object kept with the target, found by its type; null if there is none.</summary>
    TComponent? GetComponent<TComponent>() where TComponent : class;
}

/// <summary>One call of one method: which method, its arguments, and how to make the call.</summary>
public interface IInvokable : IDisposable
{
    /// <summary>The object that the call is made on; null before it is known.</summary>
    object? GetTarget();

    /// <summary>Says on which object the call is made.</summary>
    void SetTarget(ITargetHolder holder);

    /// <summary>Makes the call. An exception of the method is in the response, it is not thrown.</summary>
    ValueTask<Response> Invoke();

    /// <summary>How many arguments there are, cancellation tokens not counted.</summary>
    int GetArgumentCount();

    /// <summary>An argument by its position.</summary>
    object? GetArgument(int index);

    /// <summary>Replaces an argument.</summary>
    void SetArgument(int index, object value);

    /// <summary>The method's name.</summary>
    string GetMethodName();

    /// <summary>The interface's full name.</summary>
    string GetInterfaceName();

    /// <summary>Interface and method in one text, for traces.</summary>
    string GetActivityName();

    /// <summary>The method.</summary>
    MethodInfo GetMethod();

    /// <summary>The interface.</summary>
    Type GetInterfaceType();

    /// <summary>How long the caller waits; null for the default.</summary>
    TimeSpan? GetDefaultResponseTimeout() => null;

    /// <summary>The token that the method gets; none if it takes none.</summary>
    CancellationToken GetCancellationToken() => default;

    /// <summary>Cancels the method's token; false if there is none.</summary>
    bool TryCancel() => false;

    /// <summary>Whether the method takes a cancellation token.</summary>
    bool IsCancellable => false;
}
