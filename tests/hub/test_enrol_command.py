from __future__ import annotations

import argparse
import json

import pytest

from hub.cli import main
from hub.enrol_command import BOUND, MAY_BIND, check, lines
from hub.errors import StartError
from hub.qr import in_terminal
from hub.seed import sow
from tests.support.live import on_loop


def options(role: str, **given: str) -> argparse.Namespace:
    names = ("shop", "van", "desk", "webhook", "person")
    return argparse.Namespace(role=role, **{name: given.get(name) for name in names})


@pytest.mark.parametrize("role", ["medic", "seller", "crew", "dispatcher", "service", "tracker"])
def test_a_role_is_bound_to_one_thing_or_none(role: str) -> None:
    """Each role takes the option of what it is or may be bound to, and no other."""
    bound = BOUND.get(role)
    check(options(role, **({bound: "x"} if bound else {})))
    check(
        options(
            role, **({bound: "x"} if bound else {}), **dict.fromkeys([MAY_BIND[role]] if role in MAY_BIND else [], "x")
        )
    )
    for name in {"shop", "van", "desk"} - {bound, MAY_BIND.get(role)}:
        with pytest.raises(StartError, match=r"takes no|is enrolled with"):
            check(options(role, **({bound: "x"} if bound else {}), **{name: "x"}))


def test_a_shop_that_is_not_there_is_said(valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A link for a shop that the city does not have works once it has; until then a note says so."""
    arguments = ["enrol", "seller", "--name", "Sri", "--shop", "s01", "--url", "http://city", "--store", valkey_url]
    assert main([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    assert "no shop s01 yet" in said.err
    assert json.loads(said.out)["role"] == "seller"

    @on_loop
    async def seeded() -> None:
        from hub.app import CITY, internal

        shop = {"id": "s01", "name": "Warung", "category": "food", "kelurahan": "miji", "products": []}
        async with internal(valkey_url, CITY, False) as dispatch:
            await sow(dispatch, {"shops": [shop]})

    seeded()
    assert main(arguments) == 0
    assert capsys.readouterr().err == ""


def test_a_link_may_stand_below_its_qr_code() -> None:
    """Asked for alone: the code is for a camera, the last line for copying."""
    made = {"url": "https://kota.example/medic#masuk=x", "role": "medic"}
    assert lines(made) == [made["url"]]
    code, link = lines(made, qr=True)
    assert (link, code) == (made["url"], in_terminal(made["url"]))
