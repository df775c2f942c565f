"""The data of a want's commands, and what is kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from channels.want_things import MOST_ANSWERS, WAVE_MS, Turn, Want
from hub.errors import DataError
from hub.wire import convert
from tests.channels.market_world import EMOJI, SERVICES, Market, wish


@pytest.mark.parametrize(
    ("cmd", "data", "path"),
    [
        ("want.post", wish(words="k"), "data.words"),
        ("want.post", wish(words=EMOJI * 1000), "data.words"),
        ("want.post", wish(quantity=0), "data.quantity"),
        ("want.post", wish(quantity=1_000_000), "data.quantity"),
        ("want.post", wish(budget=-1), "data.budget"),
        ("want.post", wish(budget=1.5), "data.budget"),
        ("want.post", wish(category="cakes"), "data.category"),
        ("want.post", wish(until_s=59), "data.until_s"),
        ("want.post", wish(until_s=86_401), "data.until_s"),
        ("want.post", wish(phone="x"), "data.phone"),
        ("want.post", wish(order="o 1"), "data.order"),
        ("want.post", wish(kelurahan=1), "data.kelurahan"),
        ("want.answer", {"want": "w1", "kind": "maybe"}, "data.kind"),
        ("want.answer", {"want": "w1", "kind": "price", "price": -1}, "data.price"),
        ("want.answer", {"want": "w1", "kind": "price", "price": "3000"}, "data.price"),
        ("want.answer", {"want": "w/1", "kind": "have"}, "data.want"),
        ("want.pick", {"want": "w1"}, "data.answer"),
        ("want.pick", {"want": "w1", "answer": "s 1"}, "data.answer"),
        ("want.pick", {"want": "w1", "answer": "s1", "fulfilment": "drone"}, "data.fulfilment"),
        ("want.pick", {"want": "w1", "answer": "s1", "note": EMOJI * 1000}, "data.note"),
        ("want.close", {}, "data.want"),
        ("want.read", {"want": None}, "data.want"),
    ],
)
def test_bad_data_is_named_with_its_path(cmd: str, data: dict[str, Any], path: str) -> None:
    """The field that is wrong, from the root of the data."""
    found = SERVICES.command(cmd)
    assert found is not None
    with pytest.raises(DataError) as refused:
        convert(data, found[1].data, "data")
    assert refused.value.path == path


@pytest.mark.parametrize("kind", [Want, Turn])
def test_things_survive_the_store(kind: type[msgspec.Struct]) -> None:
    """What is written decodes to the same thing."""
    world = Market()
    world.open_shop("s1")
    world.answer(world.post(), "s1", kind="price", price=1)
    world.pass_ms(WAVE_MS[2])
    kept = next(value for value in world.things.values() if type(value) is kind)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=kind) == kept


def test_full_and_reached() -> None:
    """Ten answers fill a want; the asked are counted over all kelurahan."""
    world = Market()
    world.open_shop(*[f"t{n}" for n in range(MOST_ANSWERS)])
    want = world.post()
    for number in range(MOST_ANSWERS):
        assert not world.want(want).full
        world.answer(want, f"t{number}")
    assert world.want(want).full
    assert world.want(want).reached == MOST_ANSWERS
