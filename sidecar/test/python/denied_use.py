"""An agent that is denied, by Python's client: what it sees, and that its connection goes on. Prints one line of JSON."""

import asyncio
import json
import sys

import nats
from nats.errors import Error

TIMEOUT_S = 10


async def outcome_of(action):
    try:
        message = await action
        return {"value": message.data.decode() if hasattr(message, "data") else None}
    except Error as error:
        return {"thrown": type(error).__name__, "message": str(error)}


async def main(url):
    errors, lost = [], []

    async def on_error(error):
        errors.append(str(error))

    async def on_lost():
        lost.append("lost")

    client = await nats.connect(url, allow_reconnect=False, error_cb=on_error, disconnected_cb=on_lost, closed_cb=on_lost)
    await client.publish("work.deny", b"{}")
    await client.flush(TIMEOUT_S)
    # The client tells its callback in a task of its own, perhaps after the flush.
    for _ in range(TIMEOUT_S * 100):
        if errors:
            break
        await asyncio.sleep(0.01)
    after_publish = list(errors)
    request = await outcome_of(client.request("ask.deny", b"{}", timeout=TIMEOUT_S))
    stored = await outcome_of(client.jetstream(timeout=TIMEOUT_S).publish("stored.deny", b"{}"))
    await client.publish("work.allow", b"{}")
    await client.flush(TIMEOUT_S)
    result = {
        "errors": after_publish,
        "request": request,
        "stored": stored,
        "is_connected": client.is_connected,
        "lost": list(lost),
    }
    await client.close()
    print(json.dumps(result))


asyncio.run(main(sys.argv[1]))
