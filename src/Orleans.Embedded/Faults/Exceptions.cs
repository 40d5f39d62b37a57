namespace Orleans.Runtime;

/// <summary>The base of the engine's exceptions.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>An exception without a text of its own.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public OrleansException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The call was refused before it reached the grain: it did not run and can be sent again.</summary>
[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message)
        : base(message)
    {
    }

    internal OrleansMessageRejectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The silo that the call was for is gone or stopping.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>An exception without a text of its own.</summary>
    public SiloUnavailableException()
        : base("The silo is unavailable.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public SiloUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The silo has too much to do and refused the call early.</summary>
[GenerateSerializer]
public sealed class GatewayTooBusyException : OrleansException
{
    /// <summary>An exception without a text of its own.</summary>
    public GatewayTooBusyException()
        : base("The gateway is too busy.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public GatewayTooBusyException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public GatewayTooBusyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A bound was reached, such as that of an activation's mailbox. The call did not run.</summary>
[GenerateSerializer]
public sealed class LimitExceededException : OrleansException
{
    /// <summary>An exception without a text of its own.</summary>
    public LimitExceededException()
        : base("Limit exceeded.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public LimitExceededException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says which bound it was.</summary>
    public LimitExceededException(string limitName, int current, int threshold, object? extraInfo)
        : base($"Limit exceeded: {limitName} is {current}, at most {threshold} are allowed. {extraInfo}".TrimEnd())
    {
    }
}

/// <summary>The observer or client that was called is gone.</summary>
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message)
        : base(message)
    {
    }
}

/// <summary>A reference was used that belongs to no running silo or client.</summary>
[GenerateSerializer]
public sealed class GrainReferenceNotBoundException : OrleansException
{
    internal GrainReferenceNotBoundException(string message)
        : base(message)
    {
    }
}

/// <summary>An asynchronous sequence was given up on the grain's side before it ended.</summary>
[GenerateSerializer]
public sealed class EnumerationAbortedException : Exception
{
    /// <summary>An exception without a text of its own.</summary>
    public EnumerationAbortedException()
    {
    }

    /// <summary>An exception with a text.</summary>
    public EnumerationAbortedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public EnumerationAbortedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The silo or client is set up in a way that cannot work.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>An exception with a text.</summary>
    public OrleansConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public OrleansConfigurationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
