namespace Orleans.Embedded.Metrics;

/// <summary>A count that many threads add to without meeting: each processor has a cell of its own cache line.</summary>
internal sealed class StripedCounter
{
    private const int LongsPerLine = 16;
    private readonly long[] _cells = new long[LongsPerLine * (Environment.ProcessorCount + 1)];

    public long Value
    {
        get
        {
            long sum = 0;
            for (var i = LongsPerLine; i < _cells.Length; i += LongsPerLine) sum += Volatile.Read(ref _cells[i]);
            return sum;
        }
    }

    public void Increment() => Interlocked.Increment(ref Cell);

    public void Add(long value) => Interlocked.Add(ref Cell, value);

    private ref long Cell => ref _cells[LongsPerLine * (1 + (Thread.GetCurrentProcessorId() % Environment.ProcessorCount))];
}
