"""What is personal, and whose: looked up, and nothing else of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Struct

from hub.contract import ITS_ID, Actor, Command, KeyOf, Personal, State, Thing, Write
from hub.personal import NOBODY, Declared


class Note(Struct, frozen=True):
    """A command."""

    card: str
    text: str = ""
    call: str = msgspec.field(name="tel", default="")


class Part(Struct, frozen=True, array_like=True):
    person: str
    name: str = ""
    n: int = 0


class Card(Struct, frozen=True, omit_defaults=True):
    """A thing of one person, with parts of others."""

    id: str
    owner: str
    name: str
    text: str = ""
    state: str = "open"
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = {}


class Mark(Struct, frozen=True):
    """A thing that is somebody's by its id."""

    n: int = 0


DECLARED = Declared(
    {
        Note: Personal({"text": "note", "call": "phone"}, whose="card"),
        Card: Personal(
            {"name": "name", "text": "note"}, whose="owner", parts={"parts": Part, "named": Part},
            open=frozenset({"open"}),
        ),
        Part: Personal({"name": "name"}, whose="person"),
        Mark: Personal({"n": "note"}, whose=ITS_ID, called="mark.", goes=True),
    },
    {"card": Card, "mark": Mark},
)  # fmt: skip
ANI, DESK = Actor("ani", "resident"), Actor("endah", "dispatcher")
CARD = Card("c1", "ani", "Ani", "x", parts=(Part("budi", "Budi", 3),), named={"b": Part("citra", "Citra")})


def note(**more: Any) -> Command:
    return Command("id", "card.note", Note("c1", **more))


def test_a_command_tells_what_it_says_and_no_more() -> None:
    """By the names that travel; what stays at its default was not said; without a declaration nothing is."""
    assert DECLARED.told(Note("c1", "hello", "0812")) == {"text": ("note", "hello"), "tel": ("phone", "0812")}
    assert DECLARED.told(Note("c1")) == {}
    assert NOBODY.told(Note("c1", "hello")) == {}
    assert DECLARED.kinds == ["name", "note", "phone"]


def test_the_key_of_a_resident_is_asked_for_at_once_a_desks_when_the_thing_is_known() -> None:
    """And none for a command that says nothing personal."""
    state = State()
    assert DECLARED.keys_for(note(), ANI, state) == []
    assert DECLARED.keys_for(note(text="x"), ANI, state) == [KeyOf("ani")]
    assert DECLARED.keys_for(note(text="x"), DESK, state) == []
    state.found[Thing("card", "c1")] = CARD
    assert DECLARED.keys_for(note(text="x"), DESK, state) == [KeyOf("ani")]
    assert DECLARED.about(note(text="x"), DESK, [Write("card", "c1", CARD)]) == "ani"
    assert DECLARED.about(note(text="x"), DESK, []) == "endah"


def test_whose_a_thing_is() -> None:
    """Its owner's; everybody of whom it holds something is known."""
    assert DECLARED.owner("card", "c1", CARD) == "ani"
    assert DECLARED.owner("mark", "m1", Mark()) == "mark.m1"
    assert DECLARED.people("card", "c1", msgspec.to_builtins(CARD)) == {"ani", "budi", "citra"}
    assert [DECLARED.hers("card", "c1", CARD, person) for person in ("ani", "budi", "dewi")] == [True, True, False]


def test_a_thing_is_blanked_of_one_person_alone() -> None:
    """A name that must be there is empty, the rest as if never said; ids and figures stay; what goes, goes."""
    after = DECLARED.blanked("card", "c1", CARD, "ani")
    assert after == Card("c1", "ani", "", "", parts=CARD.parts, named=CARD.named)
    after = DECLARED.blanked("card", "c1", CARD, "budi")
    assert after == msgspec.structs.replace(CARD, parts=(Part("budi", "", 3),))
    assert DECLARED.blanked("mark", "m1", Mark(3), "mark.m1") is None


def test_only_the_owners_thing_is_under_way_for_them() -> None:
    """Others may stand in it and be erased."""
    assert DECLARED.open("card", "c1", CARD, "ani")
    assert not DECLARED.open("card", "c1", CARD, "budi")
    assert not DECLARED.open("card", "c1", msgspec.structs.replace(CARD, state="over"), "ani")


def test_a_declaration_names_fields_that_there_are() -> None:
    """One that names another is a fault at the start."""
    with pytest.raises(ValueError, match="Mark has no colour"):
        Declared({Mark: Personal({"colour": "note"})}, {})
