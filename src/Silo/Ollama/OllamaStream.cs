using System.Buffers;
using System.IO.Pipelines;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>The streamed body of one answer. Each <see cref="ReadAsync"/> returns the lines that one read of the body completed.</summary>
internal sealed class OllamaStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly PipeReader _body;
    private readonly OllamaDeadline _deadline;
    private readonly int _lineBytesMax;
    private readonly List<OllamaLine> _lines = [];
    private ModelException? _failure;
    private bool _done;
    private int _calls;

    private OllamaStream(HttpResponseMessage response, PipeReader body, OllamaDeadline deadline, int lineBytesMax)
    {
        _response = response;
        _body = body;
        _deadline = deadline;
        _lineBytesMax = lineBytesMax;
    }

    /// <summary>Sends the request and waits for the head of the response. The deadline is the stream's from then on.</summary>
    public static async Task<OllamaStream> OpenAsync(HttpClient http, HttpRequestMessage request, OllamaDeadline deadline, int lineBytesMax)
    {
        var response = await OllamaErrors.SendAsync(http, request, deadline);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            return new(response, PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024)), deadline, lineBytesMax);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next lines; null after the last. What came before a failure is returned first. The list is used again by the next call.</summary>
    public async ValueTask<IReadOnlyList<OllamaLine>?> ReadAsync()
    {
        _lines.Clear();
        while (!_done && _failure is null)
        {
            var read = await ReadBodyAsync();
            Take(read.Buffer, read.IsCompleted);
            if (_lines.Count > 0)
            {
                _deadline.NextToken();
                return _lines;
            }
        }

        return _failure is null ? null : throw _failure;
    }

    /// <summary>Closes the body: if it is not at its end the connection goes with it, which tells the server to stop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _body.CompleteAsync();
        _response.Dispose();
        _deadline.Dispose();
    }

    private async ValueTask<ReadResult> ReadBodyAsync()
    {
        try
        {
            return await _body.ReadAsync(_deadline.Token);
        }
        catch (OperationCanceledException cancelled)
        {
            throw _deadline.Explain(cancelled);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            // Whoever cancels breaks the connection, and either may be seen first.
            throw _deadline.Token.IsCancellationRequested
                ? _deadline.Explain(new OperationCanceledException(broken.Message, broken, _deadline.Token))
                : new ModelException(ModelFailure.Cut, "The connection broke before the model's answer was at its end.", broken);
        }
    }

    private void Take(ReadOnlySequence<byte> buffer, bool isLast)
    {
        try
        {
            while (!_done && buffer.PositionOf((byte)'\n') is { } end)
            {
                TakeLine(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (buffer.Length > _lineBytesMax)
                throw new ModelException(ModelFailure.Protocol, $"A line of the model's answer is longer than {_lineBytesMax} bytes.");
            if (isLast && !_done)
                TakeRest(buffer);
        }
        catch (ModelException failure)
        {
            _failure = failure;
        }

        _body.AdvanceTo(buffer.Start, buffer.End);
    }

    // The last line may lack its newline. If it is cut as well, that is the news, not that it is no JSON.
    private void TakeRest(in ReadOnlySequence<byte> rest)
    {
        try
        {
            TakeLine(rest);
        }
        catch (ModelException half) when (half.Failure == ModelFailure.Protocol)
        {
            throw new ModelException(ModelFailure.Cut, "The model's answer ended in the middle of a line.", half);
        }

        if (!_done)
            throw new ModelException(ModelFailure.Cut, "The model's answer ended without a line that says done.");
    }

    private void TakeLine(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length > _lineBytesMax)
            throw new ModelException(ModelFailure.Protocol, $"A line of the model's answer is longer than {_lineBytesMax} bytes.");
        if (IsBlank(bytes))
            return;
        var line = OllamaLine.Parse(bytes, _calls);
        if (line.Error is { } error)
            throw OllamaErrors.FromLine(error);
        _calls += line.Calls?.Count ?? 0;
        _lines.Add(line);
        _done = line.Done;
    }

    private static bool IsBlank(in ReadOnlySequence<byte> bytes)
    {
        foreach (var part in bytes)
        {
            if (part.Span.ContainsAnyExcept(" \t\r"u8))
                return false;
        }

        return true;
    }
}
