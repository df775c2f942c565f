"""The README says what the code does today."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.services import Services
from hub.store import Store
from tests.support.readme import README, written


def test_generated_parts_are_fresh() -> None:
    """Diagrams, codes and settings in the README are those of the code (`python -m tests.support.readme`)."""
    text = README.read_text("utf-8")
    assert written(text) == text


@pytest.mark.asyncio
async def test_the_example_service_works(valkey_url: str) -> None:
    """The README's example of a new service reports a lamp, mends it once, and refuses the second time by name."""
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], "README.md", "exec"), names)
    services = Services([names["Lamps"]()])
    store = Store(valkey_url, "35.76", demo=False, types=services.types)
    await store.open()
    try:
        dispatch = Dispatch(store, services)
        resident = Actor(person="r1", role="resident")
        desk = Actor(person="d1", role="dispatcher", desk="city")
        reported = await dispatch.run("lamp.report", {"street": "Jalan Majapahit"}, resident, "c1")
        assert reported.ok
        assert reported.data is not None
        lamp = reported.data["lamp"]
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, resident, "c2")).code == "not_allowed"
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c3")).ok
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c4")).code == "illegal_step"
        assert (await dispatch.run("lamp.mend", {"lamp": lamp}, desk, "c3")).ok
        table = await store.table("bulk", "lamps")
        assert list(table.things) == [lamp]
    finally:
        await store.close()
