"""The simulated city's voice: its desk practises an alert, PLUT gives a workshop that sellers sign up for.

A simulated alert is always an exercise: no phone of a visitor rings for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from clients.client import Client, Refused
from clients.stage import Stage

ALERTS: Final = (
    ("met", "Hujan lebat", "Hujan lebat disertai petir", "Jauhi pohon dan tiang listrik."),
    ("fire", "Kebakaran", "Asap tebal terlihat", "Tutup jendela, beri jalan pemadam."),
    ("infra", "Air mati", "Aliran air PDAM mati sementara", "Tampung air seperlunya."),
)
WORKSHOPS: Final = ("Foto produk dengan ponsel", "Izin usaha NIB", "Jualan lewat pesan singkat")
STANDS_S: Final = (40.0, 90.0)
"""How long an exercise stands before the desk takes it back."""
ALERT_S: Final = 600
SEATS: Final = 2
SIGN_UP_S: Final = (2.0, 8.0)
CLASS_MIN: Final = 10
PLUT_AT: Final = "blooto"
ALERT_PAUSE_S: Final = (120.0, 240.0)
WORKSHOP_PAUSE_S: Final = (240.0, 360.0)
PUPILS: Final = 3
"""One more than there are seats: somebody waits."""


async def practise_now_and_then(stage: Stage, desk: Client) -> None:
    """An exercise every 2 to 4 minutes, one at a time; one that is refused is left out."""
    while True:
        await asyncio.sleep(stage.rng.uniform(*ALERT_PAUSE_S))
        try:
            await practise(stage, desk)
        except Refused:
            continue


async def teach_now_and_then(stage: Stage, plut: Client, sellers: Mapping[str, Sequence[Client]]) -> None:
    """A workshop every 4 to 6 minutes for a category that has sellers (`sellers`: by category, may still grow)."""
    while True:
        await asyncio.sleep(stage.rng.uniform(*WORKSHOP_PAUSE_S))
        here = sorted(category for category, some in sellers.items() if some)
        if not here:
            continue
        category = stage.rng.choice(here)
        pupils = stage.rng.sample(list(sellers[category]), min(PUPILS, len(sellers[category])))
        try:
            await teach(stage, plut, pupils, category)
        except Refused:
            continue


async def practise(stage: Stage, desk: Client) -> None:
    """One exercise from publishing to its cancel; prints one line."""
    rng = stage.rng
    category, event, headline, instruction = rng.choice(ALERTS)
    areas = rng.sample(list(stage.ground.names), 3)
    data = {
        "status": "exercise", "category": category, "event": event, "urgency": "expected", "severity": "moderate",
        "certainty": "likely", "expires": stage.now_ms() + ALERT_S * 1000, "areas": areas,
        "texts": {"id": {"headline": headline, "instruction": instruction}},
    }  # fmt: skip
    answer = await desk.call("alert.publish", data)
    names = ", ".join(stage.name(area) for area in areas)
    where = {"kelurahan": stage.name(areas[0]), "areas": areas}
    stage.emit({"event": "alert", "alert": answer["alert"], **where, "text": f"exercise: {event} in {names}"})
    await asyncio.sleep(rng.uniform(*STANDS_S))
    await desk.call("alert.cancel", {"alert": answer["alert"], "reason": "Latihan selesai"})


async def teach(stage: Stage, plut: Client, sellers: Sequence[Client], category: str) -> None:
    """One workshop from publishing to "mulai sekarang"; these sellers sign up one by one; prints one line."""
    rng, now = stage.rng, stage.now_ms()
    data = {
        "title": rng.choice(WORKSHOPS), "category": category, "place": "PLUT, Blooto", "seats": SEATS,
        "starts_at": now + CLASS_MIN * 60_000, "until": now + 2 * CLASS_MIN * 60_000,
    }  # fmt: skip
    workshop = {"workshop": (await plut.call("workshop.publish", data))["workshop"]}
    got: list[Any] = []
    for seller in sellers:
        await asyncio.sleep(rng.uniform(*SIGN_UP_S))
        try:
            got.append((await seller.call("workshop.join", workshop))["state"])
        except Refused:
            got.append("refused")
    await plut.call("workshop.start", workshop)
    joined, waiting = got.count("joined"), got.count("waiting")
    text = f"workshop {data['title']}: {joined} of {SEATS} seats, {waiting} wait"
    counts = {"joined": joined, "waiting": waiting}
    stage.emit({"event": "workshop", **workshop, "kelurahan": stage.name(PLUT_AT), **counts, "text": text})
