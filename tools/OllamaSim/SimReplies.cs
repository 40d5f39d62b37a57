namespace Warroom.Simulation;

/// <summary>Which of the two text endpoints a reply belongs to: their lines differ in one member.</summary>
internal enum SimShape
{
    /// <summary><c>message.content</c> of <c>/api/chat</c>.</summary>
    Chat,

    /// <summary><c>response</c> of <c>/api/generate</c>.</summary>
    Generate,
}

/// <summary>All that decides a reply, taken from a request of either endpoint. <c>Begun</c> is the beginning of the reply that the client gives, to be gone on from.</summary>
internal sealed record SimQuestion(
    SimShape Shape, SimModel Model, bool Stream, string Prompt, int PromptTokens, SimOptions? Options, bool Json, SimToolCall? ToolCall, string Begun = "", string System = "", int Messages = 0);

/// <summary>A call of a tool that the reply consists of.</summary>
internal sealed record SimToolCall(string Name, IReadOnlyDictionary<string, string> Arguments);

/// <summary>Says replies: paced, whole or as a stream of lines, with the fault that the request met.</summary>
internal sealed class SimReplies(SimState state, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Answers a question; returns when the response is at its end or the client has gone.</summary>
    public async Task AnswerAsync(HttpContext http, SimQuestion question)
    {
        var request = state.Begin(http.Request.Path, question.Model.Name, question.Stream, question.Prompt, question.System, question.Messages);
        var outcome = SimOutcome.Complete;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var reply = new SimReply(question, request, time);
            outcome = await SayAsync(http, question, request, reply, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            outcome = SimOutcome.Cancelled;
            http.Abort();
        }
        finally
        {
            state.End(request, outcome);
        }
    }

    private async Task<SimOutcome> SayAsync(HttpContext http, SimQuestion question, SimRequest request, SimReply reply, CancellationToken cancellationToken)
    {
        var knobs = request.Knobs;
        switch (knobs.Fault)
        {
            case SimFault.Unavailable:
                await http.FailAsync(StatusCodes.Status503ServiceUnavailable, "server busy, please try again.  maximum pending requests exceeded");
                return SimOutcome.Faulted;
            case SimFault.Error:
                await http.FailAsync(StatusCodes.Status500InternalServerError, "llama runner process has terminated: simulated");
                return SimOutcome.Faulted;
            case SimFault.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                break;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(knobs.FirstTokenDelayMs), time, cancellationToken);
        reply.FirstToken();
        if (question.Stream)
        {
            return await StreamAsync(http, request, reply, cancellationToken);
        }

        if (knobs.TokensPerSecond > 0)
            await Task.Delay(TimeSpan.FromSeconds(reply.Tokens.Count / knobs.TokensPerSecond), time, cancellationToken);
        foreach (var _ in reply.Tokens)
            request.CountToken();
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.Body.WriteAsync(reply.LastLine(string.Concat(reply.Tokens)), cancellationToken);
        return SimOutcome.Complete;
    }

    private async Task<SimOutcome> StreamAsync(HttpContext http, SimRequest request, SimReply reply, CancellationToken cancellationToken)
    {
        var knobs = request.Knobs;
        var body = new SimBody(http, knobs.Fault == SimFault.Cut ? knobs.FaultAfterBytes : null, knobs.Fault == SimFault.SplitUtf8, time);
        http.Response.ContentType = "application/x-ndjson";
        var start = time.GetTimestamp();
        var faultDue = knobs.Fault is not (SimFault.None or SimFault.SplitUtf8);
        for (var i = 0; ; i++)
        {
            if (faultDue && knobs.FaultAfterBytes is null && (i == knobs.FaultAfterTokens || i == reply.Tokens.Count) && knobs.Fault != SimFault.Endless)
            {
                faultDue = false;
                if (await FailAsync(body, knobs, reply, cancellationToken))
                    return SimOutcome.Faulted;
            }

            if (i >= reply.Tokens.Count && knobs.Fault != SimFault.Endless)
                break;
            await body.PaceAsync(start, i, knobs.TokensPerSecond, cancellationToken);
            if (await body.WriteAsync(reply.Line(reply.Tokens[i % reply.Tokens.Count]), cancellationToken))
                return SimOutcome.Faulted;
            request.CountToken();
        }

        if (await body.WriteAsync(reply.LastLine(string.Empty), cancellationToken))
            return SimOutcome.Faulted;
        await body.FlushAsync(cancellationToken);
        return SimOutcome.Complete;
    }

    /// <summary>Lets the fault show; true when the response is over with it.</summary>
    private async Task<bool> FailAsync(SimBody body, SimKnobs knobs, SimReply reply, CancellationToken cancellationToken)
    {
        switch (knobs.Fault)
        {
            case SimFault.Stall:
                await body.FlushAsync(cancellationToken);
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                return true;
            case SimFault.Cut:
                await body.CutAsync(cancellationToken);
                return true;
            case SimFault.Malformed:
                await body.WriteAsync("{\"model\":\"sim:small\",\"message\":{\"role\":\n"u8.ToArray(), cancellationToken);
                return false;
            case SimFault.ErrorInStream:
                await body.WriteAsync("{\"error\":\"an error was encountered while running the model: simulated\"}\n"u8.ToArray(), cancellationToken);
                await body.FlushAsync(cancellationToken);
                return true;
            case SimFault.MissingDone:
                await body.FlushAsync(cancellationToken);
                return true;
            case SimFault.Nul:
                await body.WriteAsync(reply.Line(" a\0b"), cancellationToken);
                return false;
            case SimFault.RawNul:
                await body.WriteAsync("{\"model\":\"sim:small\",\0\"done\":false}\n"u8.ToArray(), cancellationToken);
                return false;
            case SimFault.GiantLine:
                await body.WriteGiantAsync(knobs.GiantLineBytes, cancellationToken);
                return false;
            default:
                throw new InvalidOperationException($"The fault {knobs.Fault} has no place in a stream.");
        }
    }
}
