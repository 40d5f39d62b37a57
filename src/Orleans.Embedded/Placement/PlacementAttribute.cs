namespace Orleans.Placement;

/// <summary>Says where activations of a grain class live.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute : Attribute
{
    private protected PlacementAttribute()
    {
    }
}
