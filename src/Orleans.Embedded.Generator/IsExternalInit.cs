namespace System.Runtime.CompilerServices;

/// <summary>Lets records be used on netstandard2.0.</summary>
internal static class IsExternalInit
{
}
