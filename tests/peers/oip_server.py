"""Serves the Open Inference Protocol with grpcio: the model "double" gives back twice what it takes, in typed contents,
as KServe's servers may. Prints "listening PORT"; ends when its input closes. Each line of input changes how it answers:
ok, busy (RESOURCE_EXHAUSTED, to be asked again in 50 ms), fail (INTERNAL), away (the model is not ready).

oip_server.py DESCRIPTORS NAME
"""
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

descriptors, name = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(open(descriptors, 'rb').read()).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
service = pool.FindServiceByName('inference.GRPCInferenceService')
mode = 'ok'


def message(kind):
    return factory.GetPrototype(pool.FindMessageTypeByName('inference.' + kind))


def metadata(request, context):
    if request.name != 'double':
        context.abort(grpc.StatusCode.NOT_FOUND, 'no such model')
    reply = message('ModelMetadataResponse')(name='double', versions=['1'], platform='python')
    reply.inputs.add(name='x', datatype='FP32', shape=[-1, 3])
    reply.outputs.add(name='y', datatype='FP32', shape=[-1, 3])
    return reply


def infer(request, context):
    if request.model_name != 'double':
        context.abort(grpc.StatusCode.NOT_FOUND, 'no such model')
    if mode == 'busy':
        context.set_trailing_metadata((('grpc-retry-pushback-ms', '50'),))
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, 'too much to do')
    if mode == 'fail':
        context.abort(grpc.StatusCode.INTERNAL, 'out of order')
    if 'sleep_ms' in request.parameters:
        time.sleep(request.parameters['sleep_ms'].int64_param / 1000)
    reply = message('ModelInferResponse')(model_name='double', model_version=name, id=request.id)
    headers = dict(context.invocation_metadata())
    reply.parameters['hops'].int64_param = headers.get('lepton-via', '').count(',') + 1
    output = reply.outputs.add(name='y', datatype='FP32', shape=list(request.inputs[0].shape))
    import array
    values = array.array('f', request.raw_input_contents[0])
    # What came beside the tensors is shown by the values, since the caller sees nothing else of this server.
    extra = request.parameters['priority'].int64_param if 'priority' in request.parameters else 0
    left = context.time_remaining()
    output.contents.fp32_contents.extend(
        [2 * value for value in values[:-2]] + [float(extra), float(left if left is not None else -1)])
    return reply


answers = {
    'ServerLive': lambda request, context: message('ServerLiveResponse')(live=True),
    'ServerReady': lambda request, context: message('ServerReadyResponse')(ready=True),
    'ModelReady': lambda request, context: message('ModelReadyResponse')(
        ready=request.name == 'double' and mode != 'away'),
    'ModelMetadata': metadata,
    'ModelInfer': infer,
}
handlers = {
    method: grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=factory.GetPrototype(service.FindMethodByName(method).input_type).FromString,
        response_serializer=lambda reply: reply.SerializeToString())
    for method, answer in answers.items()
}
server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
server.add_generic_rpc_handlers(
    (grpc.method_handlers_generic_handler('inference.GRPCInferenceService', handlers),))
port = server.add_insecure_port('127.0.0.1:0')
server.start()
print('listening', port, flush=True)
for line in sys.stdin:
    mode = line.strip()
    print('mode', mode, flush=True)
server.stop(0)
