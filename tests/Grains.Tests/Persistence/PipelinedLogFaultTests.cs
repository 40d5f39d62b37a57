using Orleans.Storage;
using Warroom.Testing.Persistence;

namespace Warroom.Persistence;

/// <summary>Random faults, seeded: whatever the storage does, what callers were told is what the log says.</summary>
public sealed class PipelinedLogFaultTests
{
    private const int Commands = 40;
    private const int Clients = 6;

    [Fact]
    public async Task WhateverFails_EachCommandIsThereOnce_AtTheNumberItWasAnsweredWith()
    {
        var seen = new HashSet<AppendFault>();
        var fencings = 0;
        for (var seed = 1; seed <= 300; seed++)
        {
            var run = new Run(seed);
            try
            {
                await run.PlayAsync();
                run.Check();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed} failed: {exception.Message}", exception);
            }

            seen.UnionWith(run.FaultsSeen);
            fencings += run.Fencings;
        }

        // A run in which nothing went wrong shows nothing.
        Assert.Equal(Enum.GetValues<AppendFault>().Order(), seen.Order());
        Assert.InRange(fencings, 1, int.MaxValue);
    }

    private sealed class Run
    {
        private readonly Random _random;
        private readonly InMemoryGrainLog<Tally> _store = new();
        private readonly Guid _ownerId = Guid.NewGuid();
        private readonly Dictionary<string, long> _answered = [];
        private readonly List<TallyLog> _activations = [];
        private readonly Lock _gate = new();
        private Task<TallyLog>? _current;

        public Run(int seed)
        {
            _random = new(seed);
            _store.Fault = Fault;
            _store.LoadFault = _ => Chance(10) ? new TimeoutException("no database") : null;
        }

        public HashSet<AppendFault> FaultsSeen { get; } = [];

        public int Fencings { get; private set; }

        public Task PlayAsync() => Task.WhenAll(Enumerable.Range(0, Clients).Select(ClientAsync));

        public void Check()
        {
            var events = _store.Events(_ownerId);
            Assert.Equal(Enumerable.Range(1, Clients * Commands).Select(seq => (long)seq), events.Select(logged => logged.Seq));
            Assert.Equal(_answered.OrderBy(answer => answer.Value).Select(answer => answer.Key), events.Select(logged => logged.Body));
            Assert.Equal(events.Select(logged => logged.Body), _store.Row(_ownerId).State!.Bodies);
            foreach (var activation in _activations)
            {
                // Each activation publishes every number at most once and in order, with the content of the log.
                var published = activation.Published.SelectMany(commit => commit.Events).ToList();
                Assert.Equal(published.Select(logged => logged.Seq).Distinct().Order(), published.Select(logged => logged.Seq));
                Assert.All(published, logged => Assert.Equal(events[(int)logged.Seq - 1], logged));
            }
        }

        private async Task ClientAsync(int client)
        {
            for (var number = 0; number < Commands; number++)
            {
                var body = $"{client}.{number}";
                var operationId = Guid.NewGuid();
                var answer = await UntilAnsweredAsync(operationId, body);
                Assert.Contains(body, answer.State.Bodies);
                Assert.Equal(body, answer.State.Bodies[(int)answer.Seq - 1]);
                lock (_gate)
                {
                    _answered.Add(body, answer.Seq);
                }

                if (Chance(20))
                {
                    var again = await UntilAnsweredAsync(operationId, body);
                    Assert.Equal((answer.Seq, true), (again.Seq, again.Repeated));
                }
            }
        }

        private async Task<LogResult<Tally>> UntilAnsweredAsync(Guid operationId, string body)
        {
            for (var attempt = 0; attempt < 200; attempt++)
            {
                TallyLog? log = null;
                try
                {
                    log = await CurrentAsync();
                    return await log.AppendAsync(operationId, Tally.Add(body));
                }
                catch (InconsistentStateException)
                {
                    Replace(log);
                }
                catch (Exception exception) when (exception is IOException or TimeoutException { Message: "no database" } or DomainException { Kind: RefusalKind.Unknown or RefusalKind.Unavailable })
                {
                    // Sent again with the same operation id, as clients do.
                    if (log is null)
                        Replace(null);
                }
            }

            throw new InvalidOperationException($"Command {body} was not answered.");
        }

        private Task<TallyLog> CurrentAsync()
        {
            lock (_gate)
            {
                return _current ??= LoadAsync();
            }
        }

        private async Task<TallyLog> LoadAsync()
        {
            var log = await TallyLog.LoadAsync(_store, _ownerId);
            lock (_gate)
            {
                _activations.Add(log);
            }

            return log;
        }

        private void Replace(TallyLog? fenced)
        {
            lock (_gate)
            {
                if (_current is { IsCompleted: true } && (fenced is null ? _current.IsFaulted : ReferenceEquals(_activations[^1], fenced)))
                    _current = null;
            }
        }

        private AppendFault Fault(LogAppend<Tally> append)
        {
            lock (_random)
            {
                if (append.ExpectedVersion > 0 && Chance(3))
                {
                    _store.Steal(_ownerId);
                    Fencings++;
                }

                var fault = Chance(70) ? AppendFault.None : (AppendFault)_random.Next(Enum.GetValues<AppendFault>().Length);
                FaultsSeen.Add(fault);
                return fault;
            }
        }

        private bool Chance(int percent)
        {
            lock (_random)
            {
                return _random.Next(100) < percent;
            }
        }
    }
}
