using System.Reflection;
using Orleans.Concurrency;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.Manifests;

/// <summary>A grain class with what its attributes say, read once.</summary>
internal sealed class GrainClass
{
    public GrainClass(GrainClassDescriptor descriptor)
    {
        Descriptor = descriptor;
        var type = descriptor.Type;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>() is { } named ? named.GetGrainType(null!, type) : DefaultType(type);
        TypeName = $"{type.FullName},{type.Assembly.GetName().Name}";
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        WorkersMax = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        FiltersOwnCalls = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        ImplicitNamespaces = [.. type.GetCustomAttributes<ImplicitStreamSubscriptionAttribute>().Select(attribute => attribute.StreamNamespace)];
        if (type.IsDefined(typeof(KeepAliveAttribute), inherit: true)) OwnCollectionAge = Timeout.InfiniteTimeSpan;
        else if (type.GetCustomAttribute<CollectionAgeLimitAttribute>() is { } limit) OwnCollectionAge = limit.AlwaysActive ? Timeout.InfiniteTimeSpan : limit.Amount;
        if (type.GetCustomAttribute<MayInterleaveAttribute>() is { } interleave) MayInterleave = Predicate(type, interleave.CallbackMethodName);
    }

    public GrainClassDescriptor Descriptor { get; }

    public GrainType GrainType { get; }

    /// <summary><c>Namespace.Class,Assembly</c>, as statistics name it.</summary>
    public string TypeName { get; }

    public bool IsReentrant { get; }

    /// <summary>For a stateless worker the most activations; otherwise 0.</summary>
    public int WorkersMax { get; }

    public bool FiltersOwnCalls { get; }

    public IReadOnlyList<string> ImplicitNamespaces { get; }

    /// <summary>The age that the class itself asks for; infinite for never, null for the silo's default.</summary>
    public TimeSpan? OwnCollectionAge { get; }

    public Func<object, IInvokable, bool>? MayInterleave { get; }

    /// <summary>The age in force in this silo.</summary>
    public TimeSpan CollectionAge { get; set; }

    private static GrainType DefaultType(Type type)
    {
        var name = type.Name;
        var arity = name.IndexOf('`', StringComparison.Ordinal);
        if (arity >= 0) name = name[..arity];
        name = name.ToLowerInvariant();
        const string suffix = "grain";
        if (name.EndsWith(suffix, StringComparison.Ordinal) && name.Length > suffix.Length) name = name[..^suffix.Length];
        return GrainType.Create(name);
    }

    private static Func<object, IInvokable, bool> Predicate(Type type, string name)
    {
        const BindingFlags any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;
        var method = type.GetMethod(name, any, [typeof(IInvokable)]);
        if (method is null || method.ReturnType != typeof(bool))
            throw new OrleansConfigurationException($"{type}: [MayInterleave] names {name}, but there is no bool {name}(IInvokable).");
        if (method.IsStatic)
        {
            var predicate = method.CreateDelegate<Func<IInvokable, bool>>();
            return (_, request) => predicate(request);
        }

        var open = typeof(GrainClass).GetMethod(nameof(Open), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type);
        return (Func<object, IInvokable, bool>)open.Invoke(null, [method])!;
    }

    private static Func<object, IInvokable, bool> Open<TGrain>(MethodInfo method)
    {
        var predicate = method.CreateDelegate<Func<TGrain, IInvokable, bool>>();
        return (grain, request) => predicate((TGrain)grain, request);
    }
}
