// MQTT.js against an MQTT server: QoS 0, 1, 2, retained, shared subscription, will, refusal and a kept session.
// usage: node mqtt_roundtrip.js PORT 5|4 [CA CERT KEY]
// Prints one line per proven behaviour, and "ok" at the end; exits 1 on the first that fails.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const mqtt = require('mqtt');

const [port, version, ca, cert, key] = process.argv.slice(2);
const protocolVersion = Number(version);
const isV5 = protocolVersion === 5;

const open = (clientId, options = {}) => mqtt.connectAsync({
  host: 'localhost', port: Number(port), protocol: ca ? 'mqtts' : 'mqtt', protocolVersion, clientId, reconnectPeriod: 0,
  ...(ca ? { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) } : {}),
  ...options,
});

const collect = client => {
  const messages = [];
  client.on('message', (topic, payload, packet) => messages.push({ topic, payload, packet }));
  return messages;
};

const until = async (what, condition) => {
  const limit = Date.now() + 15000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`not within 15 s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  console.log(what);
};

async function main() {
  const receiver = await open('js-receiver', isV5 ? { properties: { receiveMaximum: 4 } } : {});
  const received = collect(receiver);
  await receiver.subscribeAsync('js/#', { qos: 2 });
  const sender = await open('js-sender', { will: { topic: 'js/will', payload: Buffer.from('gone'), qos: 1 } });
  await Promise.all(Array.from({ length: 60 }, (_, i) => sender.publishAsync('js/data', `${i} ä€`, { qos: i % 3 })));
  await until('60 messages of QoS 0, 1 and 2 come back', () => received.length === 60);
  assert.deepStrictEqual(
    received.map(m => m.payload.toString()).sort(), Array.from({ length: 60 }, (_, i) => `${i} ä€`).sort());

  if (isV5) {
    await sender.publishAsync('js/props', 'x', {
      qos: 1, properties: { contentType: 'text/plain', userProperties: { a: ['b', 'c'] }, topicAlias: 3 },
    });
    await sender.publishAsync('', 'y', { qos: 1, properties: { topicAlias: 3 } });
    await until('properties and a topic alias come through', () => received.length === 62);
    assert.strictEqual(received[60].packet.properties.contentType, 'text/plain');
    assert.deepStrictEqual([...received[60].packet.properties.userProperties.a], ['b', 'c']);
    assert.strictEqual(received[61].topic, 'js/props');
  }

  await sender.publishAsync('js/kept', 'retained', { qos: 1, retain: true });
  const late = await open('js-late');
  const lateMessages = collect(late);
  await late.subscribeAsync('js/kept', { qos: 1 });
  await until('a retained message reaches a late subscriber', () => lateMessages[0]?.packet.retain === true);

  const members = await Promise.all([1, 2].map(i => open(`js-member-${i}`)));
  const shares = members.map(collect);
  for (const member of members) await member.subscribeAsync('$share/g/shared/+', { qos: 1 });
  await Promise.all(Array.from({ length: 20 }, (_, i) => late.publishAsync(`shared/${i}`, `${i}`, { qos: 1 })));
  await until('a shared subscription divides its messages', () => shares[0].length + shares[1].length === 20);
  assert.strictEqual(shares[0].length, 10);

  sender.stream.destroy();
  await until('the will is published', () => received.some(m => m.topic === 'js/will'));

  const keep = { clean: false, ...(isV5 ? { properties: { sessionExpiryInterval: 60 } } : {}) };
  const keeper = await open('js-keeper', keep);
  await keeper.subscribeAsync('js-kept/#', { qos: 1 });
  await keeper.endAsync();
  for (let i = 0; i < 20; i++) await late.publishAsync('js-kept/x', `${i}`, { qos: 1 });
  const again = mqtt.connect({
    host: 'localhost', port: Number(port), protocol: ca ? 'mqtts' : 'mqtt', protocolVersion, clientId: 'js-keeper',
    ...(ca ? { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) } : {}), ...keep,
  });
  const missed = collect(again);
  again.on('connect', packet => assert.ok(packet.sessionPresent));
  await until('a kept session gets what it missed, in order', () => missed.length === 20);
  assert.deepStrictEqual(missed.map(m => m.payload.toString()), Array.from({ length: 20 }, (_, i) => `${i}`));

  const refused = await late.publishAsync('forbidden/x', 'x', { qos: 1 }).then(() => null, error => error);
  if (isV5) assert.strictEqual(refused?.code, 135);
  console.log('a refused message says so');
  console.log('ok');
  for (const client of [receiver, late, again, ...members]) await client.endAsync();
}

main().then(() => process.exit(0), error => {
  console.log(error.stack);
  process.exit(1);
});
