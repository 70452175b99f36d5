// Calls the Open Inference Protocol of a hub with @grpc/grpc-js; prints one line "ok NAME" for each behaviour.
// node oip_client.js HOST:PORT CA CERT KEY PROTO_FOLDER
'use strict';
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, ca, cert, key, folder] = process.argv.slice(2);
const definition = loader.loadSync('inference/open_inference_grpc.proto', {
  includeDirs: [folder], keepCase: true, longs: Number, enums: String, defaults: true,
});
const { GRPCInferenceService } = grpc.loadPackageDefinition(definition).inference;
const credentials = grpc.credentials.createSsl(fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(cert));
const client = new GRPCInferenceService(address, credentials);
const call = (name, request) => new Promise((resolve, reject) =>
  client[name](request, { deadline: Date.now() + 20000 }, (error, reply) => (error ? reject(error) : resolve(reply))));
const behaviour = (name, holds) => {
  if (!holds) throw new Error(name);
  console.log(`ok ${name}`);
};
const raw = Buffer.alloc(12);
[1, 2, 3].forEach((value, i) => raw.writeFloatLE(value, 4 * i));
const request = (shape) => ({
  model_name: 'tiny', id: '9', inputs: [{ name: 'input', datatype: 'FP32', shape }], raw_input_contents: [raw],
});

async function main() {
  const config = (await call('ModelConfig', { name: 'tiny' })).config;
  behaviour('model config', config.input[0].data_type === 'TYPE_FP32' && config.scheduling_choice !== null);
  const reply = await call('ModelInfer', request([1, 3]));
  behaviour('inference', reply.id === '9' && reply.raw_output_contents[0].length === 8);
  const refused = await call('ModelInfer', request([2, 3])).catch((error) => error);
  behaviour('wrong size', refused.code === grpc.status.INVALID_ARGUMENT
    && refused.details.includes('raw_input_contents[0]'));
  const replies = await new Promise((resolve, reject) => {
    const seen = [];
    const stream = client.ModelStreamInfer();
    stream.on('data', (message) => seen.push(message)).on('end', () => resolve(seen)).on('error', reject);
    stream.write(request([1, 3]));
    stream.write(request([1, 4]));
    stream.end();
  });
  behaviour('stream', replies.length === 2 && replies[0].error_message === ''
    && replies[1].error_message.includes('inputs[0].shape'));
  const statistics = (await call('ModelStatistics', { name: 'tiny' })).model_stats[0];
  behaviour('statistics', statistics.inference_count >= 2);
  const index = await call('RepositoryIndex', { ready: true });
  behaviour('index', index.models.some((model) => model.name === 'tiny'));
  process.exit(0);
}

main().catch((error) => {
  console.log(`failed: ${error.stack}`);
  process.exit(1);
});
