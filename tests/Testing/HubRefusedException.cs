namespace Warroom.Testing;

/// <summary>A hub call that was answered with an error: its message is the hub's.</summary>
public sealed class HubRefusedException(string message) : InvalidOperationException(message);
