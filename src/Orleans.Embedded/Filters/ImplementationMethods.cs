using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Embedded.Filters;

/// <summary>Finds a class's method for an interface's; for filters that ask.</summary>
internal static class ImplementationMethods
{
    private static readonly ConcurrentDictionary<(Type Class, MethodInfo Method), MethodInfo> Found = new();

    public static MethodInfo Of(Type grainClass, MethodInfo method) => Found.GetOrAdd((grainClass, method), static key =>
    {
        var map = key.Class.GetInterfaceMap(key.Method.DeclaringType!);
        var definition = key.Method.IsGenericMethod ? key.Method.GetGenericMethodDefinition() : key.Method;
        var index = Array.IndexOf(map.InterfaceMethods, definition);
        return index < 0 ? key.Method : map.TargetMethods[index];
    });
}
