namespace Warroom.Frontend.Tests.Support;

/// <summary>A hub call that was answered with an error.</summary>
public sealed class HubRefusedException(string message) : Exception(message);
