using System.Collections.Concurrent;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Scheduling;
using Orleans.Runtime;

namespace Orleans.Embedded.Observers;

/// <summary>
/// Objects of the engine itself that other processes call: each process has its own, under the grain type <c>sys.silo.</c> and its name, with the process's name as
/// key. Calls reach exactly that process, and never an activation. Their methods run in order of arrival and interleave at awaits.
/// </summary>
internal sealed class SystemTargets(ProcessRuntime runtime)
{
    private const string TypePrefix = "sys.silo.";

    private readonly ConcurrentDictionary<GrainId, ICallTarget> _targets = new();

    public static bool IsOne(GrainId grainId) => grainId.Type.Value.Text.StartsWith(TypePrefix, StringComparison.Ordinal);

    /// <summary>Which process a system target or observer lives in.</summary>
    public static string ProcessOf(GrainId grainId)
    {
        var key = grainId.Key.Text;
        if (grainId.Type != ObserverRegistry.Type) return key;
        var plus = key.LastIndexOf('+');
        return plus < 0 ? "" : key[..plus];
    }

    /// <summary>Who the system target of that name is in a process.</summary>
    public static GrainId IdOf(string name, string processId) => GrainId.Create(TypePrefix + name, processId);

    /// <summary>Makes an object callable from other processes under a name; once for each name.</summary>
    public void Register(string name, object target)
    {
        var id = IdOf(name, runtime.ProcessId);
        if (!_targets.TryAdd(id, new Context(runtime, id, target))) throw new InvalidOperationException($"There is a system target {id} already.");
    }

    /// <summary>A reference to the system target of that name in a process, which may be this one.</summary>
    public TInterface Reference<TInterface>(string name, string processId)
        where TInterface : IAddressable => (TInterface)(object)runtime.Factory.Create(typeof(TInterface), IdOf(name, processId));

    /// <exception cref="OrleansException">There is none.</exception>
    public ICallTarget Find(GrainId id) => _targets.TryGetValue(id, out var target) ? target : throw new OrleansException($"Process {runtime.ProcessId} has no system target {id}.");

    private sealed class Context(ProcessRuntime runtime, GrainId id, object target) : TurnScheduler
    {
        internal override ProcessRuntime Runtime => runtime;

        protected override object? Instance => target;

        protected override bool IsOpen => true;

        protected override Admission Admission => Admission.All;

        protected override bool MayInterleave(GrainRequest request) => true;

        protected override bool MayInterleaveLater(GrainRequest request) => true;

        protected override string Describe() => $"system target {id}";
    }
}
