using System.Reflection;

namespace Warroom.Testing;

/// <summary>Something of an interface whose every call one function answers: for what the real thing does too rarely to be waited for.</summary>
public class Fake : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = (_, _) => null;

    /// <summary>Makes one.</summary>
    /// <param name="answer">Called with the method and its arguments; what it returns or throws the caller gets.</param>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var fake = Create<T, Fake>();
        ((Fake)(object)fake)._answer = answer;
        return fake;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
