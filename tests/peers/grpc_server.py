"""Serves lepton.test.Echo with python grpcio. Prints "listening PORT"; ends when its input closes."""

import sys
import time
from concurrent import futures

import grpc


def encode(text):
    return text.encode("utf-8")


def decode(payload):
    return payload.decode("utf-8")


def unary(request, context):
    verb, *rest = request.split(":")
    headers = dict(context.invocation_metadata())
    trailers = []
    if "x-text" in headers:
        context.send_initial_metadata((("x-header", headers["x-text"]),))
        trailers.append(("x-trailer", headers["x-text"]))
    if "x-bytes-bin" in headers:
        trailers.append(("x-bytes-bin", headers["x-bytes-bin"][::-1]))
    if verb == "fail":
        trailers.append(("x-why", "asked to"))
        context.set_trailing_metadata(tuple(trailers))
        context.set_code(next(code for code in grpc.StatusCode if code.value[0] == int(rest[0])))
        context.set_details(":".join(rest[1:]))
        return ""
    context.set_trailing_metadata(tuple(trailers))
    if verb == "wait":
        while context.is_active():
            time.sleep(0.02)
    if verb == "big":
        return "x" * int(rest[0])
    if verb == "deadline":
        return str(round(context.time_remaining()))
    return request


def collect(requests, context):
    words = []
    for request in requests:
        if request == "refuse":
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "refused early")
        words.append(request)
    return "+".join(words)


def count(request, context):
    number, *then = request.split(":")
    for value in range(1, int(number) + 1):
        yield str(value)
    if then == ["wait"]:
        while context.is_active():
            time.sleep(0.02)
    if then == ["fail"]:
        context.abort(grpc.StatusCode.DATA_LOSS, "half-way")
    context.set_trailing_metadata((("x-count", number),))


def chat(requests, context):
    yield "hello"
    for request in requests:
        yield request.upper()


def main():
    text = {"request_deserializer": decode, "response_serializer": encode}
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary, **text),
        "Collect": grpc.stream_unary_rpc_method_handler(collect, **text),
        "Count": grpc.unary_stream_rpc_method_handler(count, **text),
        "Chat": grpc.stream_stream_rpc_method_handler(chat, **text),
    }
    # Replies are compressed to whoever accepts it, when asked on the command line.
    compression = grpc.Compression.Gzip if "gzip" in sys.argv[1:] else None
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), compression=compression)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("lepton.test.Echo", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening {port}", flush=True)
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main()
