using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

/// <summary>The membership of clusters whose silos are all in this process: one table for each cluster's name.</summary>
internal sealed class InMemoryMembershipStore(string clusterId, string serviceId, TimeSpan deadRemembered, TimeProvider time) : IMembershipStore
{
    private static readonly ConcurrentDictionary<string, Shared> Clusters = new();

    private readonly Shared _cluster = Clusters.GetOrAdd(clusterId, _ => new Shared());
    private long _seen = -1;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<MembershipTable> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_cluster.Table);

    public Task<MembershipTable> JoinAsync(JoiningMember member, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Change(table => MembershipRules.Join(MembershipRules.Forget(table, row => _cluster.IsDeadFor(row, deadRemembered, now)), member, serviceId, now));
    }

    public Task<MembershipTable> BeatAsync(Guid incarnation, CancellationToken cancellationToken) =>
        Change(table => MembershipRules.Beat(table, incarnation));

    public Task<MembershipTable> SetStatusAsync(Guid incarnation, SiloStatus status, CancellationToken cancellationToken) =>
        Change(table => MembershipRules.SetStatus(table, incarnation, status));

    public Task<MembershipTable> DeclareDeadAsync(Guid incarnation, long heartbeat, CancellationToken cancellationToken) =>
        Change(table => MembershipRules.DeclareDead(table, incarnation, heartbeat));

    public Task<MembershipTable> ReportHandedOverAsync(Guid incarnation, long version, ImmutableArray<long> held, CancellationToken cancellationToken) =>
        Change(table => MembershipRules.ReportHandedOver(table, incarnation, version, held));

    public async Task WaitForChangeAsync(CancellationToken cancellationToken)
    {
        while (_cluster.Changed is var changed && _cluster.Table.Revision is var revision && revision == _seen)
            await changed.WaitAsync(cancellationToken);
        _seen = _cluster.Table.Revision;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<MembershipTable> Change(Func<MembershipTable, MembershipTable> change)
    {
        try
        {
            return Task.FromResult(_cluster.Change(change, time.GetUtcNow()));
        }
        catch (OrleansConfigurationException refusal)
        {
            return Task.FromException<MembershipTable>(refusal);
        }
    }

    /// <summary>One cluster's table.</summary>
    private sealed class Shared
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<Guid, DateTimeOffset> _deadAt = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private MembershipTable _table = MembershipTable.Empty;

        public MembershipTable Table
        {
            get
            {
                lock (_lock) return _table;
            }
        }

        public Task Changed
        {
            get
            {
                lock (_lock) return _changed.Task;
            }
        }

        public bool IsDeadFor(MemberRow row, TimeSpan time, DateTimeOffset now)
        {
            lock (_lock) return _deadAt.TryGetValue(row.Incarnation, out var at) && now - at >= time;
        }

        public MembershipTable Change(Func<MembershipTable, MembershipTable> change, DateTimeOffset now)
        {
            TaskCompletionSource? changed = null;
            MembershipTable next;
            lock (_lock)
            {
                next = change(_table);
                if (next.Revision != _table.Revision)
                {
                    foreach (var row in next.Rows)
                        if (!row.IsAlive) _deadAt.TryAdd(row.Incarnation, now);
                    foreach (var incarnation in _deadAt.Keys.Where(incarnation => next.Find(incarnation) is null).ToList()) _deadAt.Remove(incarnation);
                    changed = _changed;
                    _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                _table = next;
            }

            changed?.TrySetResult();
            return next;
        }
    }
}
