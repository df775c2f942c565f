"""Simulated people who look for something: they ask all sellers, take the cheapest answer, and fetch it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from clients.follow import Follow
from clients.residents import Residents
from clients.stage import SIM_PHONE, Event, Stage

View = dict[str, Any]

LOOK_S: Final = (18.0, 30.0)
"""How long somebody waits for answers before taking one."""
UNTIL_S: Final = 300
ORDER_OPEN: Final = ("placed", "accepted", "preparing", "ready")
OVER_S: Final = 20 * 60.0


async def seek(stage: Stage, residents: Residents, shops: list[View]) -> None:
    """One want from posting to its end; prints one line when an answer is taken, or there is none."""
    rng = stage.rng
    shop = rng.choice(shops)
    words, kelurahan = rng.choice(shop["products"])["name"], rng.choice(list(stage.ground.names))
    number, client = await residents.somebody()
    topic = f"person/{client.person}"
    follow = Follow(client, topic, stage)
    try:
        await client.join(topic)
        began = stage.now()
        data = {
            "category": shop["category"], "words": words.lower(), "kelurahan": kelurahan, "until_s": UNTIL_S,
            "name": residents.name(number), "phone": SIM_PHONE,
        }  # fmt: skip
        answer = await client.call("want.post", data)
        want = str(answer["want"])
        await asyncio.sleep(rng.uniform(*LOOK_S))
        view = client.table(topic).things.get(want) or {}
        answers = view.get("answers", [])
        event: Event = {
            "event": "want",
            "kelurahan": stage.name(kelurahan),
            "words": words,
            "asked": view.get("asked", answer["asked"]),
            "answers": len(answers),
            "first_s": round((answers[0]["at"] - view["posted_at"]) / 1000, 1) if answers else None,
            "picked": None,
            "after_s": round(stage.now() - began, 1),
        }
        order = ""
        if answers:
            best = min(answers, key=lambda one: one.get("price", 1 << 40))
            order = str((await client.call("want.pick", {"want": want, "answer": best["id"]}))["order"])
            event["picked"] = best["name"]
        else:
            await client.call("want.close", {"want": want})
        stage.emit({**event, "text": want_text(event)})
        if order:
            await follow.until(order, ORDER_OPEN, OVER_S)
    finally:
        follow.close()
        residents.free(number)


def want_text(event: Event) -> str:
    """The figures of a want as one sentence."""
    text = f"looks for {event['words']}, {event['asked']} shops asked, {event['answers']} answered"
    if event["picked"] is None:
        return text
    return f"{text}, the first after {event['first_s']} s; taken from {event['picked']}"
