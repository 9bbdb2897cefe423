"""What agents ordinarily do with NATS, by Python's client. Prints one line of JSON without times, ids or addresses of one run."""

import asyncio
import hashlib
import json
import ssl
import sys

import nats
from nats.errors import Error, NoRespondersError
from nats.js.api import ConsumerConfig, DeliverPolicy, KeyValueConfig, StreamConfig

TIMEOUT_S = 10
PAYLOADS = [b"", b"plain", '{"a":[1,2,"\u00fc"]}'.encode(), bytes(range(256)), bytes(i * 31 % 251 for i in range(200_000))]


def shown(data):
    return hashlib.sha256(data).hexdigest() if len(data) > 1_000 else data.hex()


async def outcome_of(action):
    try:
        return {"value": await action}
    except Error as error:
        return {"thrown": type(error).__name__, "message": str(error)}


async def publish_and_subscribe(client):
    received = []
    done = asyncio.Event()

    async def take(message):
        received.append([message.subject, message.reply, shown(message.data), message.headers])
        if len(received) == 2 * len(PAYLOADS):
            done.set()

    subscription = await client.subscribe("plain.>", cb=take)
    queued = await client.subscribe("plain.*", queue="q")
    for i, payload in enumerate(PAYLOADS):
        await client.publish(f"plain.{i}", payload)
        await client.publish(f"plain.h{i}", payload, reply="some.reply", headers={"X-Trace": "a b", "x-lower": "v"})
    await client.flush(TIMEOUT_S)
    await asyncio.wait_for(done.wait(), TIMEOUT_S)
    await subscription.unsubscribe()
    await queued.unsubscribe()
    return received


async def requests(client):
    async def echo(message):
        await message.respond(message.data)

    await client.subscribe("echo", cb=echo)
    await client.flush(TIMEOUT_S)
    answers = [shown((await client.request("echo", payload, timeout=TIMEOUT_S)).data) for payload in PAYLOADS]
    old = await client.request("echo", b"old", timeout=TIMEOUT_S, old_style=True)
    try:
        await client.request("nobody", b"", timeout=TIMEOUT_S)
        missing = "answered"
    except NoRespondersError as error:
        missing = str(error)
    return [answers, shown(old.data), missing]


async def jet_stream(client):
    stream = client.jetstream(timeout=TIMEOUT_S)
    await stream.add_stream(StreamConfig(name="STORED", subjects=["stored.>"]))
    acks = []
    for i, payload in enumerate(PAYLOADS):
        ack = await stream.publish(f"stored.{i}", payload, headers={"Nats-Msg-Id": f"id-{i}"})
        acks.append([ack.stream, ack.seq, ack.duplicate])
    again = await stream.publish("stored.0", b"", headers={"Nats-Msg-Id": "id-0"})
    wrong = await outcome_of(stream.publish("stored.0", b"", headers={"Nats-Expected-Last-Sequence": "99"}))
    pull = await stream.pull_subscribe("stored.>", durable="pulling")
    pulled = []
    for message in await pull.fetch(len(PAYLOADS), timeout=TIMEOUT_S):
        pulled.append([message.subject, shown(message.data), message.metadata.sequence.stream])
        await message.ack_sync(timeout=TIMEOUT_S)
    push = await stream.subscribe("stored.>", config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL), ordered_consumer=True)
    pushed = [shown((await push.next_msg(timeout=TIMEOUT_S)).data) for _ in PAYLOADS]
    state = (await stream.stream_info("STORED")).state
    consumer = await stream.consumer_info("STORED", "pulling")
    return [acks, again.duplicate, wrong, pulled, pushed, state.messages, consumer.num_ack_pending, consumer.num_pending]


async def key_value(client):
    stream = client.jetstream(timeout=TIMEOUT_S)
    bucket = await stream.create_key_value(KeyValueConfig(bucket="settings", history=5))
    watcher = await bucket.watch("a.*")
    seen = [await watcher.updates(timeout=TIMEOUT_S)]
    revisions = [await bucket.put("a.b", b"1"), await bucket.update("a.b", b"2", last=1), await bucket.create("a.c", b"3")]
    taken = await outcome_of(bucket.create("a.c", b"4"))
    entry = await bucket.get("a.b")
    await bucket.delete("a.c")
    gone = await outcome_of(bucket.get("a.c"))
    for _ in range(4):
        update = await watcher.updates(timeout=TIMEOUT_S)
        seen.append([update.key, (update.value or b"").hex(), update.revision, update.operation])
    await watcher.stop()
    history = [[item.revision, item.operation] for item in await bucket.history("a.b")]
    return [revisions, taken, [entry.value.hex(), entry.revision], gone, seen, history, await bucket.keys()]


async def object_store(client):
    store = await client.jetstream(timeout=TIMEOUT_S).create_object_store("files")
    info = await store.put("large", PAYLOADS[-1])
    found = await store.get("large")
    return [info.size, info.chunks, info.digest, shown(found.data), [item.name for item in await store.list()]]


async def main(url, authority=None):
    results = {}
    tls = {"tls": ssl.create_default_context(cafile=authority)} if authority else {}
    for use in [publish_and_subscribe, requests, jet_stream, key_value, object_store]:
        client = await nats.connect(url, allow_reconnect=False, connect_timeout=TIMEOUT_S, **tls)
        results[use.__name__] = await use(client)
        await client.drain()
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
