using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

using Warroom.Faults.History;
using Warroom.Testing;

namespace Warroom.Faults.Workload;

/// <summary>How a viewer behaves.</summary>
public enum Temper
{
    /// <summary>Stays.</summary>
    Steady,

    /// <summary>Loses its connection now and then, for a moment.</summary>
    Flapping,

    /// <summary>Reads slowly.</summary>
    Slow,

    /// <summary>Goes to another front end now and then.</summary>
    Switching,

    /// <summary>Loads its page again now and then: begins at 0.</summary>
    Restarting,
}

/// <summary>One page that looks at some incidents, and comes back by itself whatever happens to its connection.</summary>
public sealed class Viewer
{
    private static readonly TimeSpan CallRetry = TimeSpan.FromMilliseconds(300);
    private readonly string _name;
    private readonly IReadOnlyList<Uri> _frontEnds;
    private readonly HistoryFile _history;
    private readonly Random _random;
    private readonly Dictionary<Guid, ViewedIncident> _incidents;
    private readonly Lock _gate = new();
    private volatile Temper _temper;
    private int _frontEnd;
    private volatile bool _isLive;
    private int _reconnects;
    private int _resumes;

    public Viewer(string name, Temper temper, IReadOnlyList<Guid> incidents, IReadOnlyList<Uri> frontEnds, HistoryFile history, Random random)
    {
        _name = name;
        _temper = temper;
        _frontEnds = frontEnds;
        _history = history;
        _random = random;
        _frontEnd = random.Next(frontEnds.Count);
        _incidents = incidents.ToDictionary(incident => incident, incident => new ViewedIncident(name, incident, history));
    }

    /// <summary>Whether it has a connection that has given it all it watches once.</summary>
    public bool IsLive => _isLive;

    /// <summary>Whether it stays connected as long as it can.</summary>
    public bool Stays => _temper == Temper.Steady;

    /// <summary>How often it had to connect again.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>How often it asked for what it lacked.</summary>
    public int Resumes => Volatile.Read(ref _resumes);

    /// <summary>What it watches, with the number up to which it has everything.</summary>
    public IReadOnlyList<(Guid Incident, long Last)> Positions()
    {
        lock (_gate)
        {
            return [.. _incidents.Values.Select(viewed => (viewed.Incident, viewed.Last))];
        }
    }

    /// <summary>From now on it stays, and reads as fast as it can.</summary>
    public void Calm() => _temper = Temper.Steady;

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var incident in _incidents.Keys)
            _history.Add(new Watched(_name, incident, Watching.Join, FrontEnd: _frontEnds[_frontEnd].Authority));
        for (var failures = 0; !cancellationToken.IsCancellationRequested;)
        {
            if (await LiveAsync(cancellationToken))
                failures = 0;
            else
                failures++;
            if (cancellationToken.IsCancellationRequested)
                return;

            // As the page does: jittered, growing, and to whichever front end answers.
            Interlocked.Increment(ref _reconnects);
            if (failures > 0 || _temper == Temper.Switching)
                _frontEnd = (_frontEnd + 1) % _frontEnds.Count;
            var pause = _temper == Temper.Flapping ? _random.Next(100, 5_000) : _random.Next(50, 150) * (1 << Math.Min(failures, 5));
            await PauseAsync(TimeSpan.FromMilliseconds(pause), cancellationToken);
        }
    }

    private static async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever waits sees it.
        }
    }

    // One connection's life. False if it never began.
    private async Task<bool> LiveAsync(CancellationToken cancellationToken)
    {
        var wanted = Channel.CreateUnbounded<Guid>();
        HubConnection connection;
        try
        {
            connection = await HubConnection.ConnectAsync(_frontEnds[_frontEnd], "hubs/warroom", _name, (target, argument) => Receive(target, argument, wanted.Writer));
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or HttpRequestException)
        {
            return false;
        }

        connection.ReadPause = _temper == Temper.Slow ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero;
        foreach (var incident in _incidents.Keys)
            wanted.Writer.TryWrite(incident);
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync(connection, wanted, life.Token);
        await Task.WhenAny(connection.Closed, RestlessnessAsync(connection, wanted.Writer, life.Token));
        await life.CancelAsync();

        // A call that is never answered ends with its connection.
        await connection.DisposeAsync();
        await asking;
        _isLive = false;
        foreach (var incident in _incidents.Keys)
            _history.Add(new Watched(_name, incident, Watching.Cut));
        return true;
    }

    // Ends when the viewer itself leaves the connection.
    private async Task RestlessnessAsync(HubConnection connection, ChannelWriter<Guid> wanted, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await PauseAsync(TimeSpan.FromMilliseconds(_random.Next(1_000, 6_000)), cancellationToken);
            switch (_temper)
            {
                case Temper.Flapping or Temper.Switching:
                    return;
                case Temper.Restarting when !cancellationToken.IsCancellationRequested:
                    foreach (var incident in _incidents.Keys)
                    {
                        lock (_gate)
                            _incidents[incident].Restart();
                        wanted.TryWrite(incident);
                    }

                    break;
                case Temper.Steady:
                    connection.ReadPause = TimeSpan.Zero;
                    break;
            }
        }
    }

    private void Receive(string target, JsonElement argument, ChannelWriter<Guid> wanted)
    {
        if (target == "Timeline")
        {
            var incident = argument.GetProperty("incident_id").GetGuid();
            lock (_gate)
            {
                var viewed = _incidents[incident];
                viewed.Take(argument.GetProperty("events"), argument.GetProperty("incident").GetProperty("version").GetInt64(), Via.Live);
                if (viewed.HasGap)
                    wanted.TryWrite(incident);
            }
        }
        else if (target == "Behind" && argument.ValueKind == JsonValueKind.String && Guid.TryParse(argument.GetString(), out var behind))
        {
            wanted.TryWrite(behind);
        }
    }

    // Joins, and asks for what is missing, one incident after the other; what was asked for several times meanwhile is asked once.
    private async Task AskAsync(HubConnection connection, Channel<Guid> wanted, CancellationToken cancellationToken)
    {
        try
        {
            while (await wanted.Reader.WaitToReadAsync(cancellationToken))
            {
                var incidents = new HashSet<Guid>();
                while (wanted.Reader.TryRead(out var incident))
                    incidents.Add(incident);
                foreach (var incident in incidents)
                    await CatchUpAsync(connection, incident, cancellationToken);
                _isLive = true;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The connection is over.
        }
    }

    private async Task CatchUpAsync(HubConnection connection, Guid incident, CancellationToken cancellationToken)
    {
        for (var isWhole = false; !isWhole;)
        {
            var viewed = _incidents[incident];
            long last;
            lock (_gate)
            {
                last = viewed.Last;
                _history.Add(new Watched(_name, incident, Watching.Resume, last));
            }

            Interlocked.Increment(ref _resumes);
            try
            {
                var answer = await connection.CallAsync("Watch", incident, last);
                lock (_gate)
                {
                    viewed.Take(answer.GetProperty("events"), answer.GetProperty("incident").GetProperty("version").GetInt64(), Via.Resume);
                    isWhole = !(answer.TryGetProperty("more", out var more) && more.GetBoolean()) && !viewed.HasGap;
                }

                // Nothing came although something is missing: not in a circle.
                if (!isWhole && viewed.Last == last)
                    await Task.Delay(CallRetry, TimeProvider.System, cancellationToken);
            }
            catch (InvalidOperationException)
            {
                // The hub could not answer now.
                await Task.Delay(CallRetry, TimeProvider.System, cancellationToken);
            }
        }
    }
}
