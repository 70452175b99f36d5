"""python paho subscribes and prints each message as one line of JSON.

usage: mqtt_listen.py PORT 5|4 FILTER COUNT
"""
import json
import sys

import paho.mqtt.client as mqtt

port, version, filter, count = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
client = mqtt.Client(f"paho-{version}", protocol=mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311)
seen = []


def on_message(_, __, message):
    properties = message.properties.json() if version == 5 else {}
    line = {"topic": message.topic, "payload": message.payload.decode(), "retain": bool(message.retain)}
    line["content_type"] = properties.get("ContentType")
    line["user"] = [list(pair) for pair in properties.get("UserProperty", [])]
    print(json.dumps(line), flush=True)
    seen.append(message)
    if len(seen) == count:
        client.disconnect()


client.on_message = on_message
client.on_subscribe = lambda *_: print("subscribed", flush=True)
client.connect("127.0.0.1", port)
client.subscribe(filter, 1)
client.loop_forever()
