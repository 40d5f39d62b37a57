using System.Runtime.ExceptionServices;

namespace Orleans.Serialization.Invocation;

/// <summary>How a call ended: with a result or with an exception.</summary>
public abstract class Response : IDisposable
{
    /// <summary>The end of a call that returns nothing.</summary>
    public static Response Completed { get; } = new ValueResponse<object?>(null);

    /// <summary>The result; reading it after an exception throws that exception.</summary>
    public abstract object? Result { get; set; }

    /// <summary>The exception, or null.</summary>
    public abstract Exception? Exception { get; set; }

    /// <summary>A call that ended with an exception.</summary>
    public static Response FromException(Exception exception) => new ExceptionResponse(exception);

    /// <summary>A call that ended with a result.</summary>
    public static Response FromResult<TResult>(TResult value) => new ValueResponse<TResult>(value);

    /// <summary>The result as the given type; throws the exception if there is one.</summary>
    public abstract T GetResult<T>();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <inheritdoc/>
    public override string ToString() => Exception is { } exception ? exception.ToString() : Result?.ToString() ?? "[null]";

    private sealed class ValueResponse<TResult>(TResult value) : Response
    {
        public override object? Result { get => value; set => throw new InvalidOperationException("A response does not change."); }

        public override Exception? Exception { get => null; set => throw new InvalidOperationException("A response does not change."); }

        public override T GetResult<T>() => value is T result ? result : (T)(object?)value!;

        public override void Dispose()
        {
        }
    }

    private sealed class ExceptionResponse(Exception exception) : Response
    {
        public override object? Result
        {
            get
            {
                ExceptionDispatchInfo.Throw(exception);
                return null;
            }

            set => throw new InvalidOperationException("A response does not change.");
        }

        public override Exception? Exception { get => exception; set => throw new InvalidOperationException("A response does not change."); }

        public override T GetResult<T>()
        {
            ExceptionDispatchInfo.Throw(exception);
            return default!;
        }

        public override void Dispose()
        {
        }
    }
}
