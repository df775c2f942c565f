"""Which keys hold something personal, and the way there and back."""

from __future__ import annotations

from typing import Any

import pytest

from hub.blinding import blinded, met, opened, secret
from hub.person_keys import Plain
from tests.support.backups import Marking

KEYS: list[tuple[bytes, str, list[Any], list[Any]]] = [
    (b"thing:request:r:1", "hash", [b"v", b"3", b"s", b"x"], [b"v", b"3", b"s", b"sealed:request/r:1:x"]),
    (b"thing:request:r1", "hash", [b"v", b"3"], [b"v", b"3"]),
    (b"table:dispatch", "hash", [b"1", b"x", b"2", b"y"], [b"1", b"sealed:dispatch/1:x", b"2", b"sealed:dispatch/2:y"]),
    (b"member:siti", "hash", [b"name", b"x"], [b"name", b"sealed:siti/member:siti:x"]),
    (b"looks:ani", "list", [b"x", b"y"], [b"sealed:ani/looks:ani:x", b"sealed:ani/looks:ani:y"]),
    (b"claim:request/ani", "string", [b"r1"], [b"r1"]),
    (b"set:members", "set", [b"a"], [b"a"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "flat", "sealed"), KEYS, ids=[name.decode() for name, *_ in KEYS])
def test_there_and_back(name: bytes, kind: str, flat: list[Any], sealed: list[Any]) -> None:
    """What is personal goes through the sealer with its place, and comes back as it was."""
    assert blinded(Marking(), name, kind, flat) == sealed
    assert opened(Marking(), name, kind, sealed) == flat
    assert blinded(Plain(), name, kind, flat) == flat


def test_things_are_met_before_they_are_sealed() -> None:
    """Those of a slice together; what is no thing, or has no state, is not."""
    marking = Marking()
    met(marking, [(name, flat) for name, _, flat, _ in KEYS])
    assert marking.met == [("request", "r:1")]
    met(Plain(), [(KEYS[0][0], KEYS[0][2])])


class Forgetful(Marking):
    """Has no key of anybody any more."""

    def open_thing(self, type_: str, id_: str, state: bytes) -> Any:
        return None

    open_view, open_own = open_thing, open_thing


def test_what_nobody_can_read_is_left_out() -> None:
    """Of a person who was erased nothing comes back that would be sealed for ever."""
    for name, kind, _, sealed in KEYS[:5]:
        left = opened(Forgetful(), name, kind, sealed)
        assert left == (sealed if b"s" not in sealed and name.startswith(b"thing:") else [])


@pytest.mark.parametrize(
    "name",
    [
        b"secret",
        b"hooks",
        b"push:medic:siti",
        b"enrol:d",
        b"hook:item:shop",
        b"hook:letter:shop",
        b"member:siti",
        b"fix:medic",
        b"geo:medics",
    ],
)
def test_what_the_backup_key_seals(name: bytes) -> None:
    """Secrets, and what else may hold a name or a phone."""
    assert secret(name)


@pytest.mark.parametrize("name", [b"thing:secret:x", b"out:secret:hooks", b"hookfeed", b"hook:due:shop", b"secrets"])
def test_what_it_does_not(name: bytes) -> None:
    """A name that only looks like one."""
    assert not secret(name)
