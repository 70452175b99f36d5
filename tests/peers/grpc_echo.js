// The Echo service for @grpc/grpc-js without generated code: its messages are UTF-8 text.
// Wrapped in objects: grpc-js takes a falsy message, such as an empty string, for none.
'use strict';
const encode = ({ text }) => Buffer.from(text, 'utf8');
const decode = (bytes) => ({ text: bytes.toString('utf8') });

const method = (name, requestStream, responseStream) => ({
  path: `/lepton.test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
});

exports.methods = {
  Unary: method('Unary', false, false),
  Collect: method('Collect', true, false),
  Count: method('Count', false, true),
  Chat: method('Chat', true, true),
};

exports.fail = (code, details) => Object.assign(new Error(details), { code, details });

exports.words = ({ text }) => text.split(':');
