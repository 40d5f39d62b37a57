using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http;

using Warroom.EndToEnd.Checking;
using Warroom.Testing;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// Clients that post to one incident as fast as they are answered, and do what a well-made client does when there is no answer: send the same
/// operation again until there is one. Everything they begin and are told is kept for the <see cref="TimelineChecker"/>.
/// </summary>
public sealed class PostingCrew
{
    private readonly ConcurrentQueue<Operation> _operations = new();
    private readonly WarroomApi _api;
    private readonly Guid _incidentId;
    private int _acknowledged;
    private int _resends;

    public PostingCrew(WarroomApi api, Guid incidentId)
    {
        _api = api;
        _incidentId = incidentId;
    }

    /// <summary>How many posts were acknowledged so far.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>How many attempts had no answer or an unclear one, and were made again.</summary>
    public int Resends => Volatile.Read(ref _resends);

    /// <summary>Everything that was begun.</summary>
    public IReadOnlyCollection<Operation> Operations => _operations;

    /// <summary>Runs until every one of the posts is acknowledged.</summary>
    public Task PostAsync(int writers, int postsEach) =>
        Task.WhenAll(Enumerable.Range(1, writers).Select(writer => WriteAsync(writer, postsEach)));

    private async Task WriteAsync(int writer, int posts)
    {
        for (var number = 1; number <= posts; number++)
        {
            var operationId = Guid.CreateVersion7();
            var invoked = Stopwatch.GetTimestamp();
            var seq = await PostUntilAnsweredAsync(operationId, $"writer {writer}, post {number}");
            _operations.Enqueue(new Operation(operationId, invoked, Stopwatch.GetTimestamp(), OperationOutcome.Ok, seq));
            Interlocked.Increment(ref _acknowledged);
        }
    }

    private async Task<long> PostUntilAnsweredAsync(Guid operationId, string text)
    {
        long seq = 0;
        await Eventually.HoldsAsync($"an answer to \"{text}\"", async () =>
        {
            try
            {
                seq = await _api.PostAsync(_incidentId, operationId, text);
                return true;
            }
            catch (HttpRequestException noAnswer) when (noAnswer.StatusCode is null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                Interlocked.Increment(ref _resends);
                return false;
            }
        });
        return seq;
    }
}
