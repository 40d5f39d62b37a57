using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>A stream cannot give what a subscriber asks for.</summary>
[GenerateSerializer]
public class DataNotAvailableException : OrleansException
{
    /// <summary>An exception without a text of its own.</summary>
    public DataNotAvailableException()
        : this("Data not found.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public DataNotAvailableException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public DataNotAvailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A subscriber was too slow and lost its place: items are missing between the last one and the next. It comes with <c>OnErrorAsync</c>.</summary>
[GenerateSerializer]
public class QueueCacheMissException : DataNotAvailableException
{
    /// <summary>An exception without a text of its own.</summary>
    public QueueCacheMissException()
        : this("Items are not available any more.")
    {
    }

    /// <summary>An exception with a text.</summary>
    public QueueCacheMissException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a text and a cause.</summary>
    public QueueCacheMissException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
