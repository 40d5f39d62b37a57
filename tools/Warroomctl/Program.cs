using Warroom.Control;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, cancel) =>
{
    cancel.Cancel = true;
    stop.Cancel();
};
return await CommandLine.RunAsync(args, stop.Token);
