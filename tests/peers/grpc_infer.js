// Calls ModelInfer of the Open Inference Protocol with @grpc/proto-loader and prints the reply as JSON.
// node grpc_infer.js HOST:PORT PROTO_FOLDER
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, folder] = process.argv.slice(2);
const definition = loader.loadSync('inference/open_inference_grpc.proto', {
  includeDirs: [folder], keepCase: true, longs: Number, defaults: true,
});
const { GRPCInferenceService } = grpc.loadPackageDefinition(definition).inference;
const client = new GRPCInferenceService(address, grpc.credentials.createInsecure());
const raw = Buffer.alloc(12);
[1.5, -2, 3].forEach((value, i) => raw.writeFloatLE(value, 4 * i));
const request = {
  model_name: 'double',
  id: '7',
  parameters: { priority: { int64_param: 3 } },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3] }],
  raw_input_contents: [raw],
};
client.ModelInfer(request, (error, reply) => {
  if (error) throw error;
  const bytes = reply.raw_output_contents[0];
  const values = [0, 4, 8].map((at) => bytes.readFloatLE(at));
  console.log(JSON.stringify({ id: reply.id, model: reply.model_name, outputs: reply.outputs, values }));
  process.exit(0);
});
