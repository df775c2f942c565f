"""Every key of the store."""

from __future__ import annotations

import inspect
import re

from hub import keys
from hub.keys import Keys

CITY = Keys("35.76")
METHODS = [name for name, _ in inspect.getmembers(Keys, inspect.isfunction) if not name.startswith("_")]


def made() -> list[str]:
    """One key of every kind."""
    fields = [str(value) for name, value in vars(CITY).items() if name != "city"]
    for name in METHODS:
        method = getattr(CITY, name)
        fields.append(method(*["x"] * len(inspect.signature(method).parameters)))
    return fields


def test_all_keys_of_a_city_share_its_hash_tag() -> None:
    """One script touches all it needs, and a cluster keeps a city on one node."""
    assert all(key.startswith("{35.76}:") for key in made())


def test_no_two_kinds_of_keys_meet() -> None:
    """Each kind has a name of its own."""
    assert len(set(made())) == len(made())


def test_cities_do_not_meet() -> None:
    """Another city's keys lie in another slot."""
    assert Keys("35.77").head == "{35.77}:head"


def test_every_key_is_described_in_words() -> None:
    """The table at the top of the module shows each of them."""
    described = re.findall(r"\{35\.76\}:(\w+)", keys.__doc__ or "")
    assert {key.removeprefix("{35.76}:").partition(":")[0] for key in made() if key != CITY.prefix} <= set(described)
