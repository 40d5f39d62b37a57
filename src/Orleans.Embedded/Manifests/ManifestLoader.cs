using System.Reflection;
using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Manifests;

/// <summary>
/// Finds what the assemblies of this process offer. Types are never scanned: each assembly with grains has a generated manifest, and names the
/// assemblies with manifests that it references. Assemblies that can be unloaded are no part of it.
/// </summary>
internal static class ManifestLoader
{
    public static IReadOnlyList<IGrainManifest> Load()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var manifests = new List<IGrainManifest>();
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        if (Assembly.GetEntryAssembly() is { } entry) queue.Enqueue(entry);
        while (queue.TryDequeue(out var assembly))
        {
            if (assembly.IsDynamic || assembly.IsCollectible || !seen.Add(assembly.FullName ?? "") || !MayHaveGrains(assembly)) continue;
            foreach (var reference in assembly.GetCustomAttributes<GrainAssemblyReferenceAttribute>())
                queue.Enqueue(Assembly.Load(new AssemblyName(reference.AssemblyName)));
            if (assembly.GetCustomAttribute<GrainManifestAttribute>() is { } manifest)
                manifests.Add((IGrainManifest)Activator.CreateInstance(manifest.Manifest, nonPublic: true)!);
        }

        return manifests;
    }

    private static bool MayHaveGrains(Assembly assembly)
    {
        var engine = typeof(ManifestLoader).Assembly;
        return assembly == engine
            || Array.Exists(assembly.GetReferencedAssemblies(), reference => reference.Name == engine.GetName().Name);
    }
}
