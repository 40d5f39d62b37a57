namespace Warroom.Persistence;

/// <summary>The operation id is stored already: a resend. Nothing was written.</summary>
[GenerateSerializer, Alias("warroom.operation-repeated")]
public sealed class OperationRepeatedException : Exception
{
    /// <summary>For serializers.</summary>
    public OperationRepeatedException()
    {
    }

    /// <summary>For serializers.</summary>
    public OperationRepeatedException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public OperationRepeatedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Names the operation and the number of the last event that it wrote.</summary>
    public OperationRepeatedException(Guid operationId, long seq)
        : base($"Operation {operationId} is stored already; its last event is number {seq}.")
    {
        OperationId = operationId;
        Seq = seq;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public Guid OperationId { get; private set; }

    /// <summary>The number of the last event that it wrote.</summary>
    [Id(1)]
    public long Seq { get; private set; }
}

/// <summary>The connection broke around the commit and what became of it could not be found out in time. The same operation id, sent again, finds out.</summary>
[GenerateSerializer, Alias("warroom.append-outcome-unknown")]
public sealed class AppendOutcomeUnknownException : Exception
{
    /// <summary>For serializers.</summary>
    public AppendOutcomeUnknownException()
    {
    }

    /// <summary>For serializers.</summary>
    public AppendOutcomeUnknownException(string message)
        : base(message)
    {
    }

    /// <summary>Keeps the failure of the connection.</summary>
    public AppendOutcomeUnknownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
