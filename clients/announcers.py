"""The simulated city's voice: its desk practises an alert, PLUT gives a workshop that sellers sign up for.

A simulated alert is always an exercise: no phone of a visitor rings for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
CLASS_MIN: Final = 60


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
    stage.emit({"event": "alert", "alert": answer["alert"], "areas": areas, "text": f"exercise: {event} in {names}"})
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
    stage.emit({"event": "workshop", **workshop, "joined": joined, "waiting": waiting, "text": text})
