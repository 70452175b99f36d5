// Serves lepton.test.Echo with @grpc/grpc-js. Prints "listening PORT"; ends when its input closes.
'use strict';
const grpc = require('@grpc/grpc-js');
const { methods, fail, words } = require('./grpc_echo.js');

const unary = (call, callback) => {
  const [verb, ...rest] = words(call.request);
  const trailers = new grpc.Metadata();
  const [text] = call.metadata.get('x-text');
  if (text !== undefined) {
    const headers = new grpc.Metadata();
    headers.set('x-header', text);
    call.sendMetadata(headers);
    trailers.set('x-trailer', text);
  }
  const [bytes] = call.metadata.get('x-bytes-bin');
  if (bytes !== undefined) trailers.set('x-bytes-bin', Buffer.from(bytes).reverse());
  if (verb === 'fail') {
    trailers.set('x-why', 'asked to');
    return callback({ code: Number(rest[0]), details: rest.slice(1).join(':') }, null, trailers);
  }
  if (verb === 'wait') return undefined;
  if (verb === 'big') return callback(null, { text: 'x'.repeat(Number(rest[0])) }, trailers);
  if (verb === 'deadline') {
    const seconds = Math.round((new Date(call.getDeadline()).getTime() - Date.now()) / 1000);
    return callback(null, { text: String(seconds) }, trailers);
  }
  return callback(null, call.request, trailers);
};

const collect = (call, callback) => {
  const all = [];
  call.on('data', ({ text }) => {
    if (text === 'refuse') callback(fail(grpc.status.PERMISSION_DENIED, 'refused early'));
    all.push(text);
  });
  call.on('end', () => callback(null, { text: all.join('+') }));
};

const count = (call) => {
  const [number, then] = words(call.request);
  for (let i = 1; i <= Number(number); i += 1) call.write({ text: String(i) });
  if (then === 'wait') return;
  if (then === 'fail') {
    call.emit('error', fail(grpc.status.DATA_LOSS, 'half-way'));
    return;
  }
  const trailers = new grpc.Metadata();
  trailers.set('x-count', number);
  call.end(trailers);
};

const chat = (call) => {
  call.write({ text: 'hello' });
  call.on('data', ({ text }) => call.write({ text: text.toUpperCase() }));
  call.on('end', () => call.end());
};

const server = new grpc.Server();
server.addService(methods, { Unary: unary, Collect: collect, Count: count, Chat: chat });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening ${port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
