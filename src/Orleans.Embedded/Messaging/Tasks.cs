namespace Orleans.Embedded;

internal static class Tasks
{
    /// <summary>The exception of a task that failed or was cancelled, with the stack trace it was thrown with.</summary>
    public static Exception Failure(Task task)
    {
        if (task.IsFaulted) return task.Exception!.InnerExceptions.Count == 1 ? task.Exception.InnerException! : task.Exception;
        try
        {
            task.GetAwaiter().GetResult();
            throw new InvalidOperationException("The task did not fail.");
        }
        catch (OperationCanceledException exception)
        {
            return exception;
        }
    }
}
