namespace Orleans;

/// <summary>The stages of a silo's start, in order; it stops in reverse.</summary>
public static class ServiceLifecycleStage
{
    /// <summary>Before everything.</summary>
    public const int First = int.MinValue;

    /// <summary>The runtime itself.</summary>
    public const int RuntimeInitialize = 2000;

    /// <summary>The runtime's services.</summary>
    public const int RuntimeServices = 4000;

    /// <summary>Storage of the runtime.</summary>
    public const int RuntimeStorageServices = 6000;

    /// <summary>Services for grains.</summary>
    public const int RuntimeGrainServices = 8000;

    /// <summary>The application's services.</summary>
    public const int ApplicationServices = 10000;

    /// <summary>The silo begins to serve.</summary>
    public const int BecomeActive = Active - 1;

    /// <summary>The silo serves.</summary>
    public const int Active = 20000;

    /// <summary>After everything.</summary>
    public const int Last = int.MaxValue;
}
