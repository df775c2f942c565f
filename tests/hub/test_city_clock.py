"""A city in UTC+9 in one hub with one in UTC+7: each has its own clock, wherever it says a time."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.support.live import on_loop
from tests.support.two_cities import two_cities


@on_loop
async def test_each_city_has_its_own_clock(valkey_url: str, tmp_path: Path) -> None:
    """What pages are told, the clock they reckon with, the times of an announcement."""
    async with two_cities(valkey_url, tmp_path, zone='"Asia/Jayapura"') as (home, beside):
        for hub, name, hours, letters in ((home, "Asia/Jakarta", 7, "WIB"), (beside, "Asia/Jayapura", 9, "WIT")):
            _, _, config = await hub.http("GET", "/v1/config")
            assert config["zone"] == {"name": name, "hours": hours, "letters": letters}
            _, _, script = await hub.http("GET", "/static/shared/zone.js")
            assert f'ZONE_MS = {hours} * 3600000;\nexport const ZONE = "{letters}";' in script.decode()
            _, _, joined = await hub.http("GET", "/static/resident/page.js")
            assert f"const ZONE_MS = {hours} * 3600000;" in joined.decode()
            desk = (await hub.staff("dispatcher", desk="city")).token
            data = {
                "category": "met", "event": "Hujan", "urgency": "immediate", "severity": "severe",
                "certainty": "observed", "expires": hub.store.now() + 3_600_000, "areas": "city",
                "texts": {"id": {"headline": "Hujan"}},
            }  # fmt: skip
            command = {"id": str(uuid.uuid4()), "cmd": "alert.publish", "data": data}
            status, _, answer = await hub.http("POST", "/v1/commands?as=dispatcher", command, token=desk)
            assert status == 200, answer
            _, _, cap = await hub.http("GET", f"/v1/cap/{answer['data']['alert']}")
            assert f"+0{hours}:00</sent>" in cap.decode()
