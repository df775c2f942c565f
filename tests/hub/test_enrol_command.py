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


def options(role: str, **given: str | None) -> argparse.Namespace:
    names = ("shop", "van", "desk", "webhook", "person", "replace")
    return argparse.Namespace(role=role, name=given.get("name", "N"), **{name: given.get(name) for name in names})


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


@pytest.mark.parametrize(
    ("role", "given", "said"),
    [
        ("medic", {"name": None}, "a medic is enrolled with --name"),
        ("service", {"name": None, "person": "x"}, "a service is enrolled with --name"),
        ("tracker", {"van": "v1", "person": "x"}, "a tracker takes no --person"),
        ("service", {"person": "x", "replace": "all"}, "--replace goes with --person"),
        ("medic", {"replace": "all"}, "--replace goes with --person"),
        ("medic", {"person": "x", "shop": "s01"}, "a medic takes no --shop"),
    ],
)
def test_what_does_not_go_together_is_said(role: str, given: dict[str, str | None], said: str) -> None:
    """One sentence that names the option."""
    with pytest.raises(StartError, match=said):
        check(options(role, **given))


def test_one_more_device_of_somebody_who_is_enrolled(valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--person` alone is enough and stays that person; what would make them another is said, and nothing is made."""
    where = ["--url", "http://city", "--store", valkey_url, "--json"]

    def enrolled(*arguments: str) -> tuple[int, str]:
        code = main(["enrol", *arguments, *where])
        said = capsys.readouterr()
        return code, said.out or said.err

    code, out = enrolled("dispatcher", "--name", "Endah", "--desk", "medic")
    assert code == 0
    person = json.loads(out)["person"]
    for more in ((), ("--replace",), ("--desk", "medic", "--name", "Endah")):
        code, out = enrolled("dispatcher", "--person", person, *more)
        assert (code, json.loads(out)["person"]) == (0, person)
    for arguments, said in (
        (("medic", "--person", person), "role: expected 'dispatcher', as this person is enrolled"),
        (("dispatcher", "--person", person, "--desk", "van"), "desk: expected 'medic'"),
        (("dispatcher", "--person", person, "--replace", "0" * 32), "replace: expected true or the id of a sign-in"),
        (("dispatcher", "--person", "nobody"), "'nobody' is nobody who was enrolled here"),
    ):
        code, out = enrolled(*arguments)
        assert code == 2
        assert said in out


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
