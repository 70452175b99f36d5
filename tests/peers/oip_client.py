"""Calls every method of the Open Inference Protocol with grpcio and protobuf, and its REST form with Python's own
http.client, the way that Triton's Python clients do. Prints one line "ok NAME" for each behaviour.

oip_client.py HOST:GRPC_PORT CA CERT KEY DESCRIPTORS HOST:HTTP_PORT TOKEN
"""
import http.client
import json
import struct
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

address, ca, cert, key, descriptors, http_address, token = sys.argv[1:]
read = lambda name: open(name, 'rb').read()
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(read(descriptors)).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
service = pool.FindServiceByName('inference.GRPCInferenceService')
credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
channel = grpc.secure_channel(address, credentials)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName('inference.' + name))


def method(name):
    described = service.FindMethodByName(name)
    make = channel.stream_stream if name == 'ModelStreamInfer' else channel.unary_unary
    return make('/inference.GRPCInferenceService/' + name,
                request_serializer=lambda request: request.SerializeToString(),
                response_deserializer=factory.GetPrototype(described.output_type).FromString)


def call(called, /, **fields):
    return method(called)(message(service.FindMethodByName(called).input_type.name)(**fields), timeout=20)


def behaviour(name, holds):
    if not holds:
        raise AssertionError(name)
    print('ok ' + name)


def request(**fields):
    infer = message('ModelInferRequest')(model_name='tiny', id='7', **fields)
    infer.inputs.add(name='input', datatype='FP32', shape=[2, 3])
    infer.raw_input_contents.append(struct.pack('<6f', 1, 2, 3, 4, 5, 6))
    return infer


def refused(code, detail, run):
    try:
        run()
    except grpc.RpcError as fault:
        return fault.code() is code and detail in fault.details()
    return False


behaviour('live', call('ServerLive').live)
behaviour('metadata', 'statistics' in call('ServerMetadata').extensions)
metadata = call('ModelMetadata', name='tiny')
behaviour('model metadata', list(metadata.inputs[0].shape) == [-1, 3] and metadata.platform == 'onnxruntime_onnx')
config = call('ModelConfig', name='tiny').config
behaviour('model config', config.max_batch_size > 0 and list(config.input[0].dims) == [3])
raw = method('ModelInfer')(request(), timeout=20)
first = struct.unpack('<4f', raw.raw_output_contents[0])
behaviour('raw inference', raw.id == '7' and list(raw.outputs[0].shape) == [2, 2])
typed = request()
del typed.raw_input_contents[:]
typed.inputs[0].contents.fp32_contents.extend([1, 2, 3, 4, 5, 6])
behaviour('typed inference',
          method('ModelInfer')(typed, timeout=20).raw_output_contents[0] == raw.raw_output_contents[0])
wrong = request()
wrong.inputs[0].shape[1] = 4
behaviour('wrong shape', refused(grpc.StatusCode.INVALID_ARGUMENT, 'inputs[0].shape',
                                 lambda: method('ModelInfer')(wrong, timeout=20)))
behaviour('unknown model', refused(grpc.StatusCode.NOT_FOUND, 'nothing',
                                   lambda: call('ModelMetadata', name='nothing')))
replies = list(method('ModelStreamInfer')(iter([request(), wrong, request()]), timeout=20))
behaviour('stream', [bool(reply.error_message) for reply in replies] == [False, True, False]
          and replies[2].infer_response.raw_output_contents[0] == raw.raw_output_contents[0])
statistics = call('ModelStatistics', name='tiny').model_stats[0]
behaviour('statistics', statistics.inference_count >= 8 and statistics.inference_stats.fail.count >= 2)
behaviour('index', any(entry.name == 'tiny' and entry.state == 'READY' for entry in call('RepositoryIndex').models))
behaviour('load is the operator\'s', refused(grpc.StatusCode.PERMISSION_DENIED, 'operator',
                                             lambda: call('RepositoryModelLoad', model_name='tiny')))
late = request()
late.parameters['timeout'].int64_param = 1
try:
    method('ModelInfer')(late, timeout=20)
    behaviour('retry hint', False)
except grpc.RpcError as fault:
    hints = {pair.key: pair.value for pair in fault.trailing_metadata()}
    behaviour('retry hint', fault.code() is grpc.StatusCode.DEADLINE_EXCEEDED
              or (fault.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and int(hints['grpc-retry-pushback-ms']) >= 1
                  and b'google.rpc.RetryInfo' in hints['grpc-status-details-bin']))

# As tritonclient.http lays its requests out: the JSON, its length in a header, and the tensors behind it.
head = json.dumps({
    'id': '8',
    'inputs': [{'name': 'input', 'shape': [2, 3], 'datatype': 'FP32', 'parameters': {'binary_data_size': 24}}],
    'parameters': {'binary_data_output': True},
}).encode()
rest = http.client.HTTPConnection(http_address, timeout=20)
rest.request('POST', '/v2/models/tiny/infer', head + struct.pack('<6f', 1, 2, 3, 4, 5, 6), {
    'Authorization': 'Bearer ' + token, 'Inference-Header-Content-Length': str(len(head)),
})
reply = rest.getresponse()
body = reply.read()
size = int(reply.getheader('Inference-Header-Content-Length'))
behaviour('REST binary', json.loads(body[:size])['outputs'][0]['parameters']['binary_data_size'] == 16
          and struct.unpack('<4f', body[size:]) == first)
rest.request('POST', '/v2/repository/index', '', {'Authorization': 'Bearer ' + token})
behaviour('REST index', any(entry['name'] == 'tiny' for entry in json.loads(rest.getresponse().read())))
rest.request('GET', '/v2/models/nothing', headers={'Authorization': 'Bearer ' + token})
reply = rest.getresponse()
behaviour('REST error', reply.status == 404 and 'error' in json.loads(reply.read()))
