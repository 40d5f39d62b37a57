namespace Orleans.Embedded;

/// <summary>Makes things that outlive the call they are made in, without the values that flow with that call.</summary>
internal static class CleanFlow
{
    public static T Run<T>(Func<T> make)
    {
        if (ExecutionContext.IsFlowSuppressed()) return make();
        using (ExecutionContext.SuppressFlow()) return make();
    }
}
