"""python paho against an MQTT server: QoS 0, 1, 2, retained, will and a kept session, in MQTT 5 or 3.1.1.

usage: mqtt_roundtrip.py PORT 5|4 [CA CERT KEY]
Prints one line per proven behaviour, and "ok" at the end; exits 1 on the first that fails.
"""
import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

port, version = int(sys.argv[1]), int(sys.argv[2])
is_v5 = version == 5


def wait(what, condition):
    limit = time.monotonic() + 15
    while not condition():
        if time.monotonic() > limit:
            print("not within 15 s:", what)
            sys.exit(1)
        time.sleep(0.01)
    print(what)


def client(name, clean=True):
    new = mqtt.Client(name, protocol=mqtt.MQTTv5 if is_v5 else mqtt.MQTTv311, **({} if is_v5 else {"clean_session": clean}))
    new.messages = []
    new.on_message = lambda _, __, message: new.messages.append(message)
    new.connected = []
    new.on_connect = lambda _, __, flags, code, *rest: new.connected.append((flags, code))
    new.subscribed = []
    new.on_subscribe = lambda _, __, mid, codes, *rest: new.subscribed.append(codes)
    if len(sys.argv) > 3:
        new.tls_set(ca_certs=sys.argv[3], certfile=sys.argv[4], keyfile=sys.argv[5])
    return new


def connect(new, clean=True, **properties):
    extra = {}
    if is_v5:
        extra["clean_start"] = clean
        extra["properties"] = Properties(PacketTypes.CONNECT)
        for key, value in properties.items():
            setattr(extra["properties"], key, value)
    new.connect("localhost", port, keepalive=30, **extra)
    new.loop_start()
    wait(f"{new._client_id.decode()} connects", lambda: new.connected)
    return new.connected[-1]


receiver = client("paho-receiver")
connect(receiver, ReceiveMaximum=5)
receiver.subscribe("paho/#", 2)
wait("subscribes", lambda: receiver.subscribed)

sender = client("paho-sender")
sender.will_set("paho/will", "gone", qos=1, retain=False)
connect(sender)
for i in range(60):
    sender.publish("paho/data", f"{i} ä€", qos=i % 3)
wait("60 messages of QoS 0, 1 and 2 come back", lambda: len(receiver.messages) == 60)
assert sorted(m.payload.decode() for m in receiver.messages) == sorted(f"{i} ä€" for i in range(60))
assert all(m.qos == int(m.payload.decode().split()[0]) % 3 for m in receiver.messages)

if is_v5:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = "text/plain"
    properties.UserProperty = [("a", "b"), ("a", "c")]
    properties.CorrelationData = b"\x01\x02"
    sender.publish("paho/props", "x", qos=1, properties=properties)
    wait("properties come through", lambda: len(receiver.messages) == 61)
    got = receiver.messages[-1].properties
    assert got.ContentType == "text/plain" and got.UserProperty == [("a", "b"), ("a", "c")]
    assert got.CorrelationData == b"\x01\x02"

receiver.messages.clear()
big = bytes(range(256)) * 4096
sender.publish("paho/big", big, qos=2).wait_for_publish()
wait("1 MiB comes back", lambda: receiver.messages and receiver.messages[0].payload == big)

sender.publish("paho/kept", "retained", qos=1, retain=True).wait_for_publish()
late = client("paho-late")
connect(late)
late.subscribe("paho/kept", 1)
wait("a retained message reaches a late subscriber", lambda: late.messages and late.messages[0].retain)

receiver.messages.clear()
sender._sock_close()
sender.loop_stop()
wait("the will is published", lambda: [m for m in receiver.messages if m.topic == "paho/will"])

keeper = client("paho-keeper", clean=False)
flags, _ = connect(keeper, clean=False, SessionExpiryInterval=60)
assert not flags["session present"]
keeper.subscribe("kept/#", 1)
wait("the keeper subscribes", lambda: keeper.subscribed)
keeper.disconnect()
keeper.loop_stop()
for i in range(20):
    late.publish("kept/x", str(i), qos=1).wait_for_publish()
keeper = client("paho-keeper", clean=False)
flags, _ = connect(keeper, clean=False, SessionExpiryInterval=60)
assert flags["session present"]
wait("a kept session gets what it missed, in order", lambda: len(keeper.messages) == 20)
assert [m.payload.decode() for m in keeper.messages] == [str(i) for i in range(20)]
print("ok")
for each in (receiver, late, keeper):
    each.disconnect()
    each.loop_stop()
