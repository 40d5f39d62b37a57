using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

using Warroom.Faults.History;
using Warroom.Testing;

namespace Warroom.Faults.Workload;

/// <summary>One page that looks at a bot's session, by the rule of docs/contracts.md: events and tokens each once and in order, and after a broken connection what it lacks, from whichever front end answers.</summary>
public sealed class ChatViewer(string name, Guid session, IReadOnlyList<Uri> frontEnds, HistoryFile history, Random random)
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _early = [];
    private bool _isJoined;
    private int _frontEnd;
    private int _reconnects;
    private long _lastSeq;
    private Guid _run;
    private long _nextToken;
    private long _shown;
    private int _ended;

    /// <summary>How often it had to connect again.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Whether it is there, so that it is told of what comes.</summary>
    public bool IsJoined
    {
        get
        {
            lock (_gate)
                return _isJoined;
        }
    }

    /// <summary>How many replies it saw to their end.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How many characters of the present reply it shows.</summary>
    public long Shown => Volatile.Read(ref _shown);

    /// <summary>Looks until cancelled; begins with the first front end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; !cancellationToken.IsCancellationRequested;)
        {
            failures = await LiveAsync(cancellationToken) ? 0 : failures + 1;
            Interlocked.Increment(ref _reconnects);
            _frontEnd = (_frontEnd + 1) % frontEnds.Count;
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 150) * (1 << Math.Min(failures, 4))), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<bool> LiveAsync(CancellationToken cancellationToken)
    {
        var wanted = Channel.CreateUnbounded<bool>();
        HubConnection connection;
        lock (_gate)
        {
            _isJoined = false;
            _early.Clear();
        }

        try
        {
            connection = await HubConnection.ConnectAsync(frontEnds[_frontEnd], "hubs/chat", name, (target, argument) => Receive(target, argument, wanted.Writer));
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or HttpRequestException)
        {
            return false;
        }

        wanted.Writer.TryWrite(true);
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync(connection, wanted.Reader, life.Token);
        await Task.WhenAny(connection.Closed, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, life.Token));
        await life.CancelAsync();
        await connection.DisposeAsync();
        await asking;
        return true;
    }

    private async Task AskAsync(HubConnection connection, ChannelReader<bool> wanted, CancellationToken cancellationToken)
    {
        try
        {
            while (await wanted.WaitToReadAsync(cancellationToken))
            {
                while (wanted.TryRead(out _))
                {
                    // Asked for several times meanwhile, it is asked once.
                }

                await JoinAsync(connection, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The connection is over.
        }
    }

    private async Task JoinAsync(HubConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            long last;
            lock (_gate)
            {
                last = _lastSeq;
                _isJoined = false;
            }

            try
            {
                Take(await connection.CallAsync("Watch", session, last));
                return;
            }
            catch (InvalidOperationException)
            {
                // The hub could not answer now.
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
            }
        }
    }

    private void Receive(string target, JsonElement argument, ChannelWriter<bool> wanted)
    {
        lock (_gate)
        {
            if (target == "Behind" || (target == "Session" && _isJoined && !Update(argument)))
                wanted.TryWrite(true);
            else if (target == "Session" && !_isJoined)
                _early.Add(argument);
        }
    }

    // The answer to a join: events, then the reply in flight with all its text so far, then what came meanwhile.
    private void Take(JsonElement answer)
    {
        lock (_gate)
        {
            var view = answer.GetProperty("session");
            foreach (var logged in answer.GetProperty("events").EnumerateArray())
                Apply(logged);
            _lastSeq = Math.Max(_lastSeq, view.GetProperty("version").GetInt64());
            if (view.TryGetProperty("live", out var live))
            {
                var run = live.GetProperty("reply_id").GetGuid();
                var text = live.GetProperty("text").GetString()!;
                if (run != _run || live.GetProperty("next_token").GetInt64() > _nextToken)
                {
                    Begin(run);
                    history.Add(new Token(name, run, 0, text));
                    (_nextToken, _shown) = (live.GetProperty("next_token").GetInt64(), text.Length);
                }
            }

            _isJoined = true;
            foreach (var update in _early)
                Update(update);
            _early.Clear();
        }
    }

    // False: something is missing.
    private bool Update(JsonElement update)
    {
        if (update.TryGetProperty("events", out var events))
        {
            foreach (var logged in events.EnumerateArray())
            {
                if (logged.GetProperty("seq").GetInt64() > _lastSeq + 1)
                    return false;
                Apply(logged);
            }
        }

        return !update.TryGetProperty("tokens", out var batch) || Add(batch);
    }

    private void Apply(JsonElement logged)
    {
        var seq = logged.GetProperty("seq").GetInt64();
        if (seq != _lastSeq + 1)
            return;
        _lastSeq = seq;
        using var body = JsonDocument.Parse(logged.GetProperty("body").GetString()!);
        switch (body.RootElement.GetProperty("kind").GetString())
        {
            case "reply_started":
                Begin(body.RootElement.GetProperty("reply_id").GetGuid());
                break;
            case "reply_ended":
                history.Add(new RunEnded(name, body.RootElement.GetProperty("reply_id").GetGuid(), EndOf(body.RootElement.GetProperty("status").GetString()!)));
                Interlocked.Increment(ref _ended);
                break;
        }
    }

    private bool Add(JsonElement batch)
    {
        var run = batch.GetProperty("reply_id").GetGuid();
        var first = batch.GetProperty("first_token").GetInt64();
        if (run != _run)
            return false;
        if (first > _nextToken)
            return false;
        var known = _nextToken - first;
        var tokens = batch.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToList();
        if (known >= tokens.Count)
            return true;
        var text = string.Concat(tokens.Skip((int)known));
        history.Add(new Token(name, run, _shown, text));
        _nextToken = first + tokens.Count;
        Volatile.Write(ref _shown, _shown + text.Length);
        return true;
    }

    private void Begin(Guid run)
    {
        if (run == _run)
            return;
        (_run, _nextToken, _shown) = (run, 0, 0);
    }

    /// <summary>How a reply ended, by the word that is stored.</summary>
    public static RunEnd EndOf(string status) => status switch
    {
        "complete" => RunEnd.Done,
        "stopped" => RunEnd.Cancelled,
        _ => RunEnd.Interrupted,
    };
}
