using System.Text.Json;

namespace Warroom.Frontend.Tests.Support;

/// <summary>What a hub sent: its method and the one argument that all of ours have.</summary>
internal sealed record HubMessage(string Target, JsonElement Argument);
