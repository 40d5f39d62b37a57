using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Warroom.Ollama;

namespace Warroom.Models.Tests;

/// <summary>Calls of tools and their results find each other, although Ollama gives calls no ids.</summary>
public sealed class OllamaToolTests
{
    [Fact]
    public void Chat_ResultInALaterMessage_NamesItsTool()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.User, "Which?"),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "query_metrics"), new FunctionCallContent("b", "read_runbook")]),
            new(ChatRole.Tool, [new FunctionResultContent("b", "Page 7"), new FunctionResultContent("a", 42)]),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "query_logs")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "none"), new FunctionResultContent("unknown", "x")]),
        ];

        var request = OllamaRequests.Chat(messages, new() { ModelId = "sim:small" }, keepAlive: "");

        Assert.Equal(
            [("read_runbook", "Page 7"), ("query_metrics", "42"), ("query_logs", "none"), (null, "x")],
            request.Messages.Where(message => message.Role == "tool").Select(message => (message.ToolName, message.Content)));
    }

    [Fact]
    public async Task Stream_CallsWithoutIdsInSeveralLines_AreNumberedAcrossThem()
    {
        const string answer = """
            {"message":{"tool_calls":[{"function":{"name":"query","arguments":{}}},{"function":{"name":"query","arguments":{}}}]}}
            {"message":{"tool_calls":[{"function":{"name":"query","arguments":{}}},{"id":"own","function":{"name":"query","arguments":{}}}]}}
            {"message":{"tool_calls":[{"function":{"name":"query","arguments":{}}}]},"done":true}

            """;
        using var http = new HttpClient(new Answering(answer));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://127.0.0.1/api/chat");
        await using var stream = await OllamaStream.OpenAsync(http, request, new(TimeProvider.System, "first token", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), CancellationToken.None), 1024 * 1024);

        var ids = new List<string>();
        while (await stream.ReadAsync() is { } lines)
            ids.AddRange(lines.SelectMany(line => line.Calls ?? []).Select(call => call.CallId));

        Assert.Equal(["call-1-query", "call-2-query", "call-3-query", "own", "call-5-query"], ids);
    }

    private sealed class Answering(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/x-ndjson") });
    }
}
