"""Submits, watches, reads and cancels a long job with grpcio and protobuf. Prints one line "ok NAME" for each behaviour.

jobs_client.py HOST:PORT CA TOKEN DESCRIPTORS DEVICE CHANNEL MODEL
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

address, ca, token, descriptors, device, channel_name, model = sys.argv[1:]
read = lambda name: open(name, 'rb').read()
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(read(descriptors)).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
service = pool.FindServiceByName('lepton.v1.Jobs')
channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(read(ca)))
STATES = pool.FindEnumTypeByName('lepton.v1.JobStateCode').values_by_number


def call(name, /, **fields):
    described = service.FindMethodByName(name)
    make = channel.unary_stream if name in ('Watch', 'Result') else channel.unary_unary
    method = make('/lepton.v1.Jobs/' + name,
                  request_serializer=lambda request: request.SerializeToString(),
                  response_deserializer=factory.GetPrototype(described.output_type).FromString)
    request = factory.GetPrototype(described.input_type)(**fields)
    return method(request, timeout=60, metadata=[('authorization', 'Bearer ' + token)])


def behaviour(name, holds):
    if not holds:
        raise AssertionError(name)
    print('ok ' + name)


work = dict(device=device, channel=channel_name, model=model)
job = call('Submit', rescore=work, deadline_seconds=600, idempotency_key='py')
behaviour('submit', job.id > 0 and job.deadline_micros > job.submitted_micros)
behaviour('submit-again', call('Submit', rescore=work, deadline_seconds=600, idempotency_key='py').id == job.id)
told = list(call('Watch', id=job.id))
done = [one.done for one in told]
behaviour('watch', done == sorted(done) and STATES[told[-1].state].name == 'JOB_STATE_CODE_DONE')
parts = list(call('Result', id=job.id))
times = [time for part in parts for time in part.windows.time_micros]
behaviour('result', len(times) == told[-1].result_items > 0 and times == sorted(set(times)))
other = call('Submit', rescore=dict(work, hop=1))
cancelled = call('Cancel', id=other.id)
behaviour('cancel', STATES[cancelled.state].name == 'JOB_STATE_CODE_CANCELLED')
behaviour('list', [one.id for one in call('List', limit=2).jobs] == [other.id, job.id])
try:
    call('Submit', rescore=dict(work, model='none'))
    behaviour('refused', False)
except grpc.RpcError as fault:
    behaviour('refused', fault.code() is grpc.StatusCode.NOT_FOUND and 'rescore.model' in fault.details())
