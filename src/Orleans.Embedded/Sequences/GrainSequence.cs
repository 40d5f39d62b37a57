using System.Threading.Channels;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;

namespace Orleans.Embedded.Sequences;

/// <summary>
/// What a caller enumerates. Nothing happens before the first <c>MoveNextAsync</c>; then one call starts the grain's method, which fills a bounded
/// channel as far as there is room, interleaving with the grain's other calls.
/// </summary>
internal sealed class GrainSequence<T>(GrainReference reference, SequenceRequest<T> request, CancellationToken argument) : IAsyncEnumerable<T>
{
    private int _taken;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _taken, 1) == 0
            ? new Enumerator(reference, request, argument, cancellationToken)
            : throw new InvalidOperationException("The sequence of a grain call can be enumerated once: call the grain again.");

    private sealed class Enumerator(GrainReference reference, SequenceRequest<T> request, CancellationToken argument, CancellationToken own)
        : IAsyncEnumerator<T>
    {
        private CancellationTokenSource? _both;
        private ChannelReader<T>? _items;

        public T Current { get; private set; } = default!;

        public ValueTask<bool> MoveNextAsync()
        {
            if (_items is null) return StartAsync();
            if (!_items.TryRead(out var item)) return WaitAsync();
            request.OnTaken();
            Current = item;
            return new ValueTask<bool>(true);
        }

        public async ValueTask DisposeAsync()
        {
            if (_items is null) return;
            await request.StopAsync();
            _both?.Dispose();
        }

        private async ValueTask<bool> StartAsync()
        {
            _both = CancellationTokenSource.CreateLinkedTokenSource(argument, own);
            var token = _both.Token;
            token.ThrowIfCancellationRequested();
            _items = request.Items;
            request.PrepareCancellation(token);
            await reference.Shared.Sender.Send(reference, request);
            return await WaitAsync();
        }

        private async ValueTask<bool> WaitAsync()
        {
            while (await _items!.WaitToReadAsync(_both!.Token))
            {
                if (!_items.TryRead(out var item)) continue;
                request.OnTaken();
                Current = item;
                return true;
            }

            return false;
        }
    }
}
