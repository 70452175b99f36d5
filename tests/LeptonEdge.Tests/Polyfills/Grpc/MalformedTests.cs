using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>Bytes that no client should send: that call alone fails, with a status that says why.</summary>
public sealed class MalformedTests
{
    private const string Unary = "/lepton.test.Echo/Unary";

    public static TheoryData<string, byte[], StatusCode, string> Bad => new()
    {
        { "no message", [], StatusCode.Internal, "Incomplete message" },
        { "half a header", [0, 0, 0], StatusCode.Internal, "Incomplete message" },
        { "half a payload", RawCall.Frame("hello"u8)[..7], StatusCode.Internal, "Incomplete message" },
        { "an unknown flag", RawCall.Frame("hello"u8, flag: 7), StatusCode.Internal, "compressed flag" },
        { "compressed, no encoding", RawCall.Frame("hello"u8, flag: 1), StatusCode.Internal, "no grpc-encoding" },
        { "a length of 4 GiB", [0, 255, 255, 255, 255, 1], StatusCode.ResourceExhausted, "Received message exceeds" },
        {
            "two messages where one belongs", [.. RawCall.Frame("a"u8), .. RawCall.Frame("b"u8)],
            StatusCode.Internal, "Additional data"
        },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_malformed_request_fails_alone(string what, byte[] body, StatusCode code, string detail)
    {
        await using var host = await EchoHost.StartAsync();
        var answer = await RawCall.PostAsync(host.PlainAddress, Unary, body);
        Assert.True(answer.Status == $"{(int)code}", $"{what}: {answer}");
        Assert.Contains(detail, answer.Message, StringComparison.Ordinal);
        var next = await RawCall.PostAsync(host.PlainAddress, Unary, RawCall.Frame("next"u8));
        Assert.Equal(("0", "next"), (next.Status, Encoding.UTF8.GetString(next.Body.AsSpan(5))));
    }

    [Fact]
    public async Task A_message_that_claims_gzip_and_is_not_fails_alone()
    {
        await using var host = await EchoHost.StartAsync();
        var answer = await RawCall.PostAsync(
            host.PlainAddress, Unary, RawCall.Frame("plain"u8, flag: 1), ("grpc-encoding", "gzip"));
        Assert.Equal("13", answer.Status);
        Assert.Contains("not gzip", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_encoding_is_Unimplemented()
    {
        await using var host = await EchoHost.StartAsync();
        var answer = await RawCall.PostAsync(
            host.PlainAddress, Unary, RawCall.Frame("x"u8), ("grpc-encoding", "snappy"));
        Assert.Equal("12", answer.Status);
        Assert.Contains("snappy", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binary_header_that_is_not_base64_fails_its_call()
    {
        await using var host = await EchoHost.StartAsync();
        var answer = await RawCall.PostAsync(
            host.PlainAddress, Unary, RawCall.Frame("x"u8), ("x-bytes-bin", "***"));
        Assert.Equal("13", answer.Status);
        Assert.Contains("x-bytes-bin", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_not_gRPC_is_refused_in_HTTP_and_other_routes_stay()
    {
        await using var host = await EchoHost.StartAsync(map: app => app.MapPost("/api/{name}", () => Results.Ok()));
        var json = await RawCall.PostAsync(host.PlainAddress, Unary, "{}"u8.ToArray(),
            ("content-type", "application/json"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.Http);
        var other = await RawCall.PostAsync(host.PlainAddress, "/api/x", [], ("content-type", "application/json"));
        Assert.Equal(HttpStatusCode.OK, other.Http);
        var unknown = await RawCall.PostAsync(host.PlainAddress, "/no.Such/Method", RawCall.Frame("x"u8));
        Assert.Equal((HttpStatusCode.OK, "12"), (unknown.Http, unknown.Status));
    }
}
