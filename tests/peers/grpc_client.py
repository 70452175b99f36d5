"""Calls lepton.test.Echo with python grpcio and prints "ok NAME" for every behaviour that held.

grpc_client.py HOST:PORT [CA.pem]
"""

import sys

import grpc


def encode(text):
    return text.encode("utf-8")


def decode(payload):
    return payload.decode("utf-8")


class Echo:
    def __init__(self, channel):
        def make(kind, name):
            return kind(f"/lepton.test.Echo/{name}", request_serializer=encode, response_deserializer=decode)

        self.unary = make(channel.unary_unary, "Unary")
        self.nothing = make(channel.unary_unary, "Nothing")
        self.collect = make(channel.stream_unary, "Collect")
        self.count = make(channel.unary_stream, "Count")
        self.chat = make(channel.stream_stream, "Chat")


def failure(action):
    try:
        action()
    except grpc.RpcError as error:
        return error
    raise AssertionError("no error")


def check_unary(echo):
    assert echo.unary("grüß") == "grüß"
    assert echo.unary("") == ""
    assert len(echo.unary("big:300000")) == 300000
    long = "y" * 2_000_000
    assert echo.unary(long) == long


def check_metadata(echo):
    sent = (("x-text", "a, b"), ("x-bytes-bin", bytes([1, 2, 255, 0])))
    response, call = echo.unary.with_call("hi", metadata=sent)
    assert response == "hi"
    assert ("x-header", "a, b") in tuple(call.initial_metadata())
    trailers = dict(call.trailing_metadata())
    assert trailers["x-trailer"] == "a, b", trailers
    assert trailers["x-bytes-bin"] == bytes([0, 255, 2, 1]), trailers


def check_errors(echo):
    error = failure(lambda: echo.unary("fail:9:100 % schlecht\nzwei"))
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "100 % schlecht\nzwei", error.details()
    assert ("x-why", "asked to") in tuple(error.trailing_metadata())
    error = failure(lambda: echo.unary("throw"))
    assert error.code() == grpc.StatusCode.UNKNOWN and "secret" not in error.details()


def check_unimplemented(echo):
    assert failure(lambda: echo.nothing("x")).code() == grpc.StatusCode.UNIMPLEMENTED


def check_client_streaming(echo):
    assert echo.collect(iter(["a", "b", "c"])) == "a+b+c"
    error = failure(lambda: echo.collect(iter(["refuse"])))
    assert (error.code(), error.details()) == (grpc.StatusCode.PERMISSION_DENIED, "refused early")


def check_server_streaming(echo):
    call = echo.count("100")
    assert list(call) == [str(number) for number in range(1, 101)]
    assert ("x-count", "100") in tuple(call.trailing_metadata())
    half = echo.count("2:fail")
    assert [next(half), next(half)] == ["1", "2"]
    assert failure(lambda: next(half)).code() == grpc.StatusCode.DATA_LOSS


def check_duplex(echo):
    call = echo.chat(iter(["one", "two"]))
    assert list(call) == ["hello", "ONE", "TWO"]
    assert call.code() == grpc.StatusCode.OK


def check_deadline(echo):
    assert failure(lambda: echo.unary("wait", timeout=0.2)).code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 45 <= int(echo.unary("deadline", timeout=50)) <= 50


def check_cancellation(echo):
    call = echo.count("1:wait")
    assert next(call) == "1"
    call.cancel()
    assert call.code() == grpc.StatusCode.CANCELLED


def check_gzip(echo):
    text = "z" * 50_000
    assert echo.unary(text, compression=grpc.Compression.Gzip) == text


def check_limits(echo):
    assert failure(lambda: echo.unary("w" * 5_000_000)).code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def main():
    address = sys.argv[1]
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as file:
            channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))
    else:
        channel = grpc.insecure_channel(address)
    echo = Echo(channel)
    for name, check in list(globals().items()):
        if name.startswith("check_"):
            check(echo)
            print("ok", name.removeprefix("check_"), flush=True)
    channel.close()


if __name__ == "__main__":
    main()
