using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Tests.Hub;

namespace LeptonEdge.Tests.Serving;

/// <summary>The protocol's REST form, as its specification and Triton's extensions give it.</summary>
public sealed class InferenceRestTests(ServingHub serving) : IClassFixture<ServingHub>
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    [Fact]
    public async Task The_server_and_its_models_describe_themselves()
    {
        using var client = serving.Hub.Operator();
        Assert.True((await JsonAsync(client, "v2/health/live")).GetProperty("live").GetBoolean());
        // One model of this hub is broken, and it says so.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("v2/health/ready")).StatusCode);
        var server = await JsonAsync(client, "v2");
        Assert.Equal("leptonedge-hub", server.GetProperty("name").GetString());
        Assert.Contains(
            "binary_tensor_data", server.GetProperty("extensions").EnumerateArray().Select(name => name.GetString()));
        foreach (var path in (string[])["v2/models/tiny", "v2/models/tiny/versions/1.10.0"])
        {
            var model = await JsonAsync(client, path);
            Assert.Equal("tiny", model.GetProperty("name").GetString());
            Assert.Equal("[-1,3]", model.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
            Assert.Equal("FP32", model.GetProperty("inputs")[0].GetProperty("datatype").GetString());
            Assert.True((await JsonAsync(client, $"{path}/ready")).GetProperty("ready").GetBoolean());
        }

        var config = await JsonAsync(client, "v2/models/types/config");
        Assert.Equal(256, config.GetProperty("max_batch_size").GetInt32());
        Assert.Equal("TYPE_BOOL", config.GetProperty("input")[0].GetProperty("data_type").GetString());
        Assert.Equal("[2]", config.GetProperty("input")[0].GetProperty("dims").GetRawText());
        Assert.Equal("KIND_CPU", config.GetProperty("instance_group")[0].GetProperty("kind").GetString());
        Assert.True(config.TryGetProperty("dynamic_batching", out _));
        Assert.False(config.TryGetProperty("sequence_batching", out _));
    }

    [Fact]
    public async Task Elements_travel_as_json()
    {
        using var client = serving.Hub.Operator();
        var request = """
            {"id": "42", "inputs": [
              {"name": "a", "shape": [1, 2, 2], "datatype": "INT64",
               "data": [[[1, -2], [9223372036854775807, 4]]]},
              {"name": "b", "shape": [1, 3], "datatype": "FP32", "data": [0.1, -2.5e3, 3]}],
             "outputs": [{"name": "out_b"}, {"name": "out_a"}]}
            """;
        var reply = await PostAsync(client, "v2/models/open/versions/1/infer", Encoding.UTF8.GetBytes(request));
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
        Assert.False(reply.Headers.Contains(HeaderLength));
        var json = await HubUnderTest.JsonAsync(reply);
        Assert.Equal(
            """{"model_name":"open","model_version":"1","id":"42","outputs":[{"name":"out_b","datatype":"FP32","""
            + """ "shape":[1,3],"data":[0.1,-2500,3]},""".TrimStart()
            + """{"name":"out_a","datatype":"INT64","shape":[1,2,2],"data":[1,-2,9223372036854775807,4]}]}""",
            json.GetRawText());
    }

    [Fact]
    public async Task Every_datatype_travels_as_binary_data()
    {
        using var client = serving.Hub.Operator();
        var (body, jsonBytes) = Binary(new JsonObject { ["binary_data_output"] = true });
        var reply = await PostAsync(client, "v2/models/types/infer", body, jsonBytes);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("application/octet-stream", reply.Content.Headers.ContentType?.MediaType);
        var length = int.Parse(Assert.Single(reply.Headers.GetValues(HeaderLength)), CultureInfo.InvariantCulture);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        var outputs = JsonDocument.Parse(bytes.AsMemory(0, length)).RootElement.GetProperty("outputs");
        var at = length;
        foreach (var (output, i) in outputs.EnumerateArray().Select((output, i) => (output, i)))
        {
            var size = output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
            Assert.Equal($"out_{ServingHub.Types[i].Name()}", output.GetProperty("name").GetString());
            Assert.Equal(ServingHub.Raw(ServingHub.Types[i]).ToByteArray(), bytes[at..(at + size)]);
            at += size;
        }

        Assert.Equal(bytes.Length, at);
    }

    [Fact]
    public async Task Each_output_says_for_itself_how_it_is_to_come()
    {
        using var client = serving.Hub.Operator();
        var (body, jsonBytes) = Binary(new JsonObject(), [
            new JsonObject { ["name"] = "out_BYTES" },
            new JsonObject { ["name"] = "out_UINT16", ["parameters"] = new JsonObject { ["binary_data"] = true } },
            new JsonObject { ["name"] = "out_BOOL" },
        ]);
        var reply = await PostAsync(client, "v2/models/types/infer", body, jsonBytes);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        var length = int.Parse(Assert.Single(reply.Headers.GetValues(HeaderLength)), CultureInfo.InvariantCulture);
        var outputs = JsonDocument.Parse(bytes.AsMemory(0, length)).RootElement.GetProperty("outputs");
        Assert.Equal(["", "a", "grüß", "日本"],
            outputs[0].GetProperty("data").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal("[true,false,false,true]", outputs[2].GetProperty("data").GetRawText());
        Assert.Equal(ServingHub.Raw(TensorType.UInt16).ToByteArray(), bytes[length..]);
    }

    [Fact]
    public async Task A_body_may_be_compressed()
    {
        using var client = serving.Hub.Operator();
        var (body, jsonBytes) = Binary(new JsonObject { ["binary_data_output"] = true });
        foreach (var encoding in (string[])["gzip", "deflate"])
        {
            using var packed = new MemoryStream();
            using (Stream packer = encoding == "gzip"
                ? new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)
                : new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                packer.Write(body);
            var reply = await PostAsync(client, "v2/models/types/infer", packed.ToArray(), jsonBytes, encoding);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        }

        // A little that unpacks to far too much.
        using var bomb = new MemoryStream();
        using (var packer = new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
            packer.Write(new byte[64 * 1024 * 1024]);
        var refused = await PostAsync(client, "v2/models/types/infer", bomb.ToArray(), encoding: "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("", "inputs: 0 were given")]
    [InlineData("""{"inputs": 7}""", "inputs: is not a list")]
    [InlineData("""{"inputs": [{"name": 7}]}""", "inputs[0].name: 7 is not text")]
    [InlineData("""{"inputs": [{"name": "y"}]}""", "inputs[0].name: 'y'")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP64"}]}""", "inputs[0].datatype")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1.5]}]}""", "inputs[0].shape")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 4]}]}""", "inputs[0].shape")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 3]}]}""", "data: is missing")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 3], "data": [1, 2]}]}""",
        "inputs[0].data: 2 elements")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3, 4]}]}""",
        "inputs[0].data: more than the 3")]
    [InlineData("""{"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 3], "data": [1, "2", 3]}]}""",
        "inputs[0].data: \"2\" is no FP32")]
    [InlineData("""
        {"inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 3], "parameters": {"binary_data_size": 12}}]}
        """, "binary_data_size: 12; 0 bytes")]
    public async Task What_does_not_fit_is_refused_by_field(string request, string names)
    {
        using var client = serving.Hub.Operator();
        var reply = await PostAsync(client, "v2/models/tiny/infer", Encoding.UTF8.GetBytes(request));
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(names, (await HubUnderTest.JsonAsync(reply)).GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("99999999")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task A_header_length_that_the_body_has_not_is_refused(string length)
    {
        using var client = serving.Hub.Operator();
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation(HeaderLength, length);
        var reply = await client.PostAsync("v2/models/tiny/infer", content);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(HeaderLength, (await HubUnderTest.JsonAsync(reply)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_what_json_cannot_carry_is_said()
    {
        using var client = serving.Hub.Operator();
        foreach (var path in (string[])["", "/config", "/stats", "/ready", "/versions/9", "/versions/9/ready"])
        {
            var name = path.StartsWith("/versions", StringComparison.Ordinal) ? "tiny" : "nothing";
            var absent = await client.GetAsync($"v2/models/{name}{path}");
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
            Assert.Contains("not served", (await HubUnderTest.JsonAsync(absent)).GetProperty("error").GetString());
        }

        var (body, jsonBytes) = Binary(new JsonObject(), [new JsonObject { ["name"] = "out_FP16" }]);
        var reply = await PostAsync(client, "v2/models/types/infer", body, jsonBytes);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains("binary_data", (await HubUnderTest.JsonAsync(reply)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_repository_is_listed_and_changed_by_the_operator_alone()
    {
        serving.Write("rest", "1", IdentityOnnx.Write(("x", TensorType.Float32, [null, 1])));
        using var client = serving.Hub.Operator();
        using var device = new HttpClient(serving.Hub.TlsHandler(serving.Hub.Device("edge-rest")))
        {
            BaseAddress = serving.Hub.Https,
        };
        using var stranger = serving.Hub.Client();
        var load = "v2/repository/models/rest/load";
        var unload = "v2/repository/models/rest/unload";
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(stranger, load, [])).StatusCode);
        var refused = await PostAsync(device, load, []);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.NotEmpty((await HubUnderTest.JsonAsync(refused)).GetProperty("error").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, load, "{}"u8.ToArray())).StatusCode);
        Assert.Equal("READY", await StateAsync(device, "rest"));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, unload, [])).StatusCode);
        Assert.Equal("UNAVAILABLE", await StateAsync(device, "rest"));
        Assert.Equal(HttpStatusCode.BadRequest,
            (await PostAsync(client, "v2/repository/models/broken/load", [])).StatusCode);

        var ready = await PostAsync(client, "v2/repository/index", """{"ready": true}"""u8.ToArray());
        Assert.All((await HubUnderTest.JsonAsync(ready)).EnumerateArray(),
            entry => Assert.Equal("READY", entry.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Statistics_are_numbers()
    {
        using var client = serving.Hub.Operator();
        var (body, jsonBytes) = Binary(new JsonObject { ["binary_data_output"] = true });
        await PostAsync(client, "v2/models/types/infer", body, jsonBytes);
        foreach (var path in (string[])["v2/models/types/stats", "v2/models/types/versions/1/stats", "v2/models/stats"])
        {
            var statistics = (await JsonAsync(client, path)).GetProperty("model_stats").EnumerateArray()
                .Single(model => model.GetProperty("name").GetString() == "types");
            Assert.True(statistics.GetProperty("inference_count").GetInt64() >= 2);
            Assert.True(statistics.GetProperty("last_inference").GetInt64() > 0);
            var success = statistics.GetProperty("inference_stats").GetProperty("success");
            Assert.True(success.GetProperty("count").GetInt64() >= 1);
            Assert.True(success.GetProperty("ns").GetInt64() > 0);
        }
    }

    private static (byte[] Body, int JsonBytes) Binary(JsonObject parameters, JsonArray? outputs = null)
    {
        var inputs = new JsonArray();
        using var tail = new MemoryStream();
        foreach (var type in ServingHub.Types)
        {
            var raw = ServingHub.Raw(type).ToByteArray();
            tail.Write(raw);
            inputs.Add(new JsonObject
            {
                ["name"] = type.Name(),
                ["shape"] = new JsonArray(2, 2),
                ["datatype"] = type.Name(),
                ["parameters"] = new JsonObject { ["binary_data_size"] = raw.Length },
            });
        }

        var json = new JsonObject { ["id"] = "b", ["parameters"] = parameters, ["inputs"] = inputs };
        if (outputs is not null)
            json["outputs"] = outputs;
        var head = Encoding.UTF8.GetBytes(json.ToJsonString());
        return ([.. head, .. tail.ToArray()], head.Length);
    }

    private static async Task<HttpResponseMessage> PostAsync(
        HttpClient client, string path, byte[] body, int? jsonBytes = null, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (jsonBytes is { } length)
            content.Headers.Add(HeaderLength, length.ToString(CultureInfo.InvariantCulture));
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return await client.PostAsync(path, content);
    }

    private static async Task<string?> StateAsync(HttpClient client, string model)
    {
        var index = await HubUnderTest.JsonAsync(await PostAsync(client, "v2/repository/index", []));
        return index.EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == model)
            .GetProperty("state").GetString();
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await HubUnderTest.JsonAsync(response);
    }
}
