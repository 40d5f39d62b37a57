using Warroom.Simulation;

if (SimServer.Refusal(args) is { } refusal)
{
    await Console.Error.WriteLineAsync(refusal);
    return 1;
}

await using var server = await SimServer.StartAsync(args, TimeProvider.System);
Console.WriteLine($"OllamaSim listens on {server.Endpoint}; every answer is simulated.");
await server.WaitForShutdownAsync();
return 0;
