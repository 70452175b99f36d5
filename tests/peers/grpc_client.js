// Calls lepton.test.Echo with @grpc/grpc-js and prints "ok NAME" for every behaviour that held.
// node grpc_client.js HOST:PORT [CA.pem]
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const { methods } = require('./grpc_echo.js');

const [address, ca] = process.argv.slice(2);
const credentials = ca
  ? grpc.credentials.createSsl(fs.readFileSync(ca))
  : grpc.credentials.createInsecure();
const Client = grpc.makeGenericClientConstructor(methods, 'Echo');
const client = new Client(address, credentials);
const zipped = new Client(address, credentials, {
  'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
});

const unary = (text, { metadata = new grpc.Metadata(), options = {}, on = client } = {}) =>
  new Promise((resolve) => {
    const seen = {};
    const call = on.Unary({ text }, metadata, options, (error, response) => {
      Object.assign(seen, { error, response: response?.text });
    });
    call.on('metadata', (headers) => { seen.headers = headers; });
    call.on('status', (status) => {
      seen.status = status;
      setImmediate(() => resolve(seen));
    });
    seen.call = call;
  });

const stream = (call) => new Promise((resolve) => {
  const seen = { messages: [] };
  call.on('data', (message) => seen.messages.push(message.text));
  call.on('error', (error) => { seen.error = error; });
  call.on('status', (status) => resolve(Object.assign(seen, { status })));
});

const checks = {
  async unary() {
    assert.equal((await unary('grüß')).response, 'grüß');
    assert.equal((await unary('')).response, '');
    assert.equal((await unary('big:300000')).response.length, 300000);
    const long = 'y'.repeat(2000000);
    assert.equal((await unary(long)).response, long);
  },
  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('X-Text', 'a, b');
    metadata.set('x-bytes-bin', Buffer.from([1, 2, 255, 0]));
    const { response, headers, status } = await unary('hi', { metadata });
    assert.equal(response, 'hi');
    assert.deepEqual(headers.get('x-header'), ['a, b']);
    assert.deepEqual(status.metadata.get('x-trailer'), ['a, b']);
    assert.deepEqual(status.metadata.get('x-bytes-bin'), [Buffer.from([0, 255, 2, 1])]);
  },
  async errors() {
    const { error } = await unary('fail:9:100 % schlecht\nzwei');
    assert.equal(error.code, grpc.status.FAILED_PRECONDITION);
    assert.equal(error.details, '100 % schlecht\nzwei');
    assert.deepEqual(error.metadata.get('x-why'), ['asked to']);
    const thrown = await unary('throw');
    assert.equal(thrown.error.code, grpc.status.UNKNOWN);
    assert.ok(!thrown.error.details.includes('secret'));
  },
  async unimplemented() {
    const Other = grpc.makeGenericClientConstructor(
      { Unary: { ...methods.Unary, path: '/lepton.test.Echo/Nothing' } }, 'Echo');
    const { error } = await unary('x', { on: new Other(address, credentials) });
    assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  },
  async clientStreaming() {
    const response = await new Promise((resolve, reject) => {
      const call = client.Collect((error, reply) => (error ? reject(error) : resolve(reply.text)));
      ['a', 'b', 'c'].forEach((word) => call.write({ text: word }));
      call.end();
    });
    assert.equal(response, 'a+b+c');
  },
  async refusedEarly() {
    const error = await new Promise((resolve) => {
      const call = client.Collect((failure) => resolve(failure));
      call.write({ text: 'refuse' });
    });
    assert.equal(error.code, grpc.status.PERMISSION_DENIED);
    assert.equal(error.details, 'refused early');
  },
  async serverStreaming() {
    const { messages, status } = await stream(client.Count({ text: '100' }));
    assert.deepEqual(messages, Array.from({ length: 100 }, (_, i) => String(i + 1)));
    assert.deepEqual(status.metadata.get('x-count'), ['100']);
    const half = await stream(client.Count({ text: '2:fail' }));
    // grpc-js hands an error over at once, ahead of messages that it has not unpacked yet.
    assert.deepEqual(half.messages, ['1', '2'].slice(0, half.messages.length));
    assert.equal(half.error.code, grpc.status.DATA_LOSS);
  },
  async duplex() {
    const call = client.Chat();
    const replies = stream(call);
    call.write({ text: 'one' });
    call.write({ text: 'two' });
    call.end();
    const { messages, status } = await replies;
    assert.deepEqual(messages, ['hello', 'ONE', 'TWO']);
    assert.equal(status.code, grpc.status.OK);
  },
  async deadline() {
    const late = await unary('wait', { options: { deadline: Date.now() + 200 } });
    assert.equal(late.error.code, grpc.status.DEADLINE_EXCEEDED);
    const ample = await unary('deadline', { options: { deadline: Date.now() + 50000 } });
    assert.ok(Number(ample.response) >= 45 && Number(ample.response) <= 50, ample.response);
  },
  async cancellation() {
    const call = client.Count({ text: '1:wait' });
    const done = stream(call);
    call.once('data', () => call.cancel());
    assert.equal((await done).error.code, grpc.status.CANCELLED);
  },
  async gzip() {
    const text = 'z'.repeat(50000);
    assert.equal((await unary(text, { on: zipped })).response, text);
  },
  async limits() {
    const { error } = await unary('w'.repeat(5000000));
    assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
  },
};

(async () => {
  for (const [name, check] of Object.entries(checks)) {
    await check();
    console.log(`ok ${name}`);
  }
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
