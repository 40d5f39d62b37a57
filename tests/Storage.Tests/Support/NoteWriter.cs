using Warroom.Persistence;

namespace Warroom.Storage.Tests;

/// <summary>One activation that appends to a note: keeps version, epoch and hash as a grain does, without waiting for commits.</summary>
internal sealed class NoteWriter
{
    private readonly IGrainLog<Note> _log;
    private long _version;
    private long _epoch;
    private readonly long _ownEpoch;
    private string _hash;

    private NoteWriter(IGrainLog<Note> log, Guid id, LogSnapshot<Note> row)
    {
        _log = log;
        Id = id;
        (_version, _epoch, _hash) = (row.Version, row.Epoch, row.Hash);
        _ownEpoch = _epoch + 1;
    }

    public Guid Id { get; }

    public static async Task<NoteWriter> LoadAsync(IGrainLog<Note> log, Guid? id = null)
    {
        var owner = id ?? Guid.CreateVersion7();
        return new(log, owner, await log.LoadAsync(owner));
    }

    /// <summary>Appends as many events as there are bodies; with none, only the state is written.</summary>
    public Task AppendAsync(string text = "", Guid? operationId = null, int events = 1, string marker = "", IReadOnlyList<string>? tags = null) =>
        _log.AppendAsync(Next(text, operationId, events, marker, tags));

    /// <summary>What the next append is; the writer goes on as if it were done.</summary>
    public LogAppend<Note> Next(string text = "", Guid? operationId = null, int events = 1, string marker = "", IReadOnlyList<string>? tags = null)
    {
        var (version, epoch, hash) = (_version, _epoch, _hash);
        var logged = new List<LoggedEvent>();
        for (var i = 0; i < events; i++)
        {
            var body = $$"""{ "kind":"noted",  "marker":"{{marker}}", "n":{{_version + 1}}, "text":"ä\u0000☃" }""";
            _hash = EventHash.Next(_hash, Id, ++_version, body);
            logged.Add(new() { Seq = _version, Hash = _hash, Body = body });
        }

        _epoch = _ownEpoch;
        return new()
        {
            OwnerId = Id,
            ExpectedVersion = version,
            ExpectedEpoch = epoch,
            ExpectedHash = hash,
            Epoch = _ownEpoch,
            Events = logged,
            State = new() { Text = text, Count = (int)_version, Tags = tags ?? [] },
            Hash = _hash,
            OperationId = operationId,
        };
    }
}
