// MQTT.js subscribes and prints each message as one line of JSON.
// usage: node mqtt_listen.js PORT 5|4 FILTER COUNT
const mqtt = require('mqtt');

const [port, version, filter, count] = process.argv.slice(2);
const client = mqtt.connect({
  host: '127.0.0.1', port: Number(port), protocolVersion: Number(version),
  clientId: `js-${version}`, reconnectPeriod: 0,
});
let seen = 0;
client.on('message', (topic, payload, packet) => {
  const user = Object.entries(packet.properties?.userProperties ?? {});
  const contentType = packet.properties?.contentType ?? null;
  console.log(JSON.stringify({
    topic, payload: payload.toString(), retain: packet.retain, content_type: contentType, user,
  }));
  if (++seen === Number(count)) client.end();
});
client.on('connect', () => client.subscribe(filter, { qos: 1 }, () => console.log('subscribed')));
