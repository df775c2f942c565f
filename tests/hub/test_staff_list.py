"""A desk enrols its own people from a list, over HTTP."""

from __future__ import annotations

from typing import Any

from hub.identity import Issued
from hub.staff_list import MAX_LIST_BYTES, MOST_AT_ONCE
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

CSV = {"Content-Type": "text/csv"}
HEAD = "nama;peran;toko;mobil;meja;kendaraan\n"
LIST = HEAD + "Sari;medis;;;;motor\nSri;penjual;s01;;;\nEndah;pusat;;;medis;\nJoko;pusat;;;mobil;\nSari;medis;;;;\n"


async def sent(hub: Hub, who: Issued | None, text: str) -> tuple[int, Any]:
    token = None if who is None else who.token
    status, _, body = await http(hub.port, "POST", "/v1/staff/list", text.encode(), token=token, headers=CSV)
    return status, body


@on_loop
async def test_a_desks_own_rows_are_enrolled_and_the_others_are_errors(valkey_url: str) -> None:
    """Another desk's people and doubles are named with their lines; each link signs its person in."""
    async with running_hub(valkey_url) as hub:
        desk = await hub.staff("dispatcher", desk="medic")
        status, body = await sent(hub, desk, LIST)
        assert status == 200
        assert (body["rows"], body["enrolled"], body["same"]) == (5, 2, 0)
        assert [(one["line"], one["column"]) for one in body["errors"]] == [(3, "role"), (5, "desk"), (6, "name")]
        assert body["errors"][0]["expected"] == "a role that you enrol: medic, dispatcher"
        assert [(one["line"], one["role"], one["name"]) for one in body["links"]] == [
            (2, "medic", "Sari"), (4, "dispatcher", "Endah"),
        ]  # fmt: skip
        base, _, code = body["links"][0]["link"].partition("#masuk=")
        assert base == f"http://127.0.0.1:{hub.port}/medic"
        assert (await http(hub.port, "POST", "/v1/sessions", {"code": code}))[2]["role"] == "medic"
        _, again = await sent(hub, desk, LIST)
        assert (again["enrolled"], again["same"]) == (1, 1)
        (entries,) = await hub.store.many("normal", [["XLEN", hub.store.keys.audit]])
        assert entries == 4  # whose links were made, each time


@on_loop
async def test_an_admin_enrols_the_desks_and_nobody_else(valkey_url: str) -> None:
    """Dispatchers for every desk; a medic is the medic desk's."""
    async with running_hub(valkey_url) as hub:
        _, body = await sent(hub, await hub.staff("admin"), LIST)
        assert [one["name"] for one in body["links"]] == ["Endah", "Joko"]
        assert [one["line"] for one in body["errors"]] == [2, 3, 6]


@on_loop
async def test_what_is_no_list_is_refused_whole(valkey_url: str) -> None:
    """Nobody signed in, nobody's desk, no header, too long, too many."""
    async with running_hub(valkey_url) as hub:
        desk = await hub.staff("dispatcher", desk="medic")
        assert (await sent(hub, None, LIST))[0] == 401
        assert (await sent(hub, await hub.staff("medic"), LIST))[0] == 403
        many = HEAD + "".join(f"M{n};medis;;;;\n" for n in range(MOST_AT_ONCE + 1))
        for text, says in (("", "empty file"), ("nama\nSari\n", "role (peran)"), (many, "at most 500 rows")):
            status, body = await sent(hub, desk, text)
            assert (status, body["code"]) == (400, "bad_data")
            assert says in body["message"]
        assert (await sent(hub, desk, "x" * (MAX_LIST_BYTES + 1)))[0] == 400
