using Warroom.Incidents;

namespace Warroom.Frontend.Live;

/// <summary>
/// Which changes of incidents the list's stream has brought, to be held against the database: a change is visible there a little before its message comes by, so one counts as lost when two rounds in a row found it and no
/// message.
/// </summary>
internal sealed class SeenIncidents
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (long Version, DateTimeOffset UpdatedAt)> _seen = [];
    private Dictionary<Guid, long> _missing = [];

    /// <summary>A message came by, or its viewers read the list afterwards.</summary>
    public void Add(Guid id, long version, DateTimeOffset updatedAt)
    {
        lock (_gate)
        {
            if (!_seen.TryGetValue(id, out var known) || known.Version < version)
            {
                _seen[id] = (version, updatedAt);
            }
        }
    }

    /// <summary>How many of what is stored now were missing in the round before too. They count as seen from then on: the viewers are told.</summary>
    public int Lost(IReadOnlyList<IncidentVersion> stored)
    {
        lock (_gate)
        {
            var lost = 0;
            var missing = new Dictionary<Guid, long>();
            foreach (var incident in stored)
            {
                var seen = _seen.GetValueOrDefault(incident.Id).Version;
                if (seen >= incident.Version)
                {
                    continue;
                }

                if (_missing.TryGetValue(incident.Id, out var before) && seen < before)
                {
                    lost++;
                    _seen[incident.Id] = (incident.Version, incident.UpdatedAt);
                }
                else
                {
                    missing[incident.Id] = incident.Version;
                }
            }

            _missing = missing;
            return lost;
        }
    }

    /// <summary>Forgets what is older than so long before the newest.</summary>
    public void Forget(TimeSpan age)
    {
        lock (_gate)
        {
            if (_seen.Count == 0)
            {
                return;
            }

            var oldest = _seen.Values.Max(seen => seen.UpdatedAt) - age;
            foreach (var id in _seen.Where(seen => seen.Value.UpdatedAt < oldest).Select(seen => seen.Key).ToList())
            {
                _seen.Remove(id);
            }
        }
    }
}
