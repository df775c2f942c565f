"""Put a city that lies beside its place into it. It is closed meanwhile; whoever else is in the store hardly waits.

    as it was --close.lua--> closed --move.lua, some keys at a time--> closed --switch.lua--> the restored city

Closed: its head says `restoring`, so that no hub, worker or command adopts it, and has no epoch, so that no commit
falls in it. Whoever was connected before is let go. The list of who was erased is taken over, at no moment empty. Each
step is atomic, and none holds the store for longer than some ms. Whoever dies between leaves the city closed; the same
restore once more opens it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

from hub.errors import StartError
from hub.keys import LAYOUT_VERSION, Keys
from hub.store import SCRIPTS
from hub.tracking import Line

COUNT: Final = 1000
MOVED: Final = 500
"""Keys of one step: it holds the store for 2 to 5 ms."""


def names(line: Line, pattern: str) -> Iterator[list[bytes]]:
    """The names of keys, a page at a time; each that stands all the while comes at least once."""
    cursor = b"0"
    while True:
        cursor, found = line.one("SCAN", cursor, "MATCH", pattern, "COUNT", COUNT)
        yield found
        if cursor == b"0":
            return


class Switching:
    """The last part of one restore.

    Attributes:
        here: whether somebody may have been here when it was closed.
        longest_us: how long one step held the store's thread at most; 0 where a script has no clock (Redis 7.0).
    """

    def __init__(self, line: Line, keys: Keys) -> None:
        self._line, self._keys = line, keys
        self._mine = secrets.token_hex(8)
        self.here = False
        self.longest_us = 0

    def close(self, commit: str) -> None:
        """Close the city.

        Args:
            commit: at which it must stand still; empty for a place without one.

        Raises:
            StartError: it has moved on. StoreUnavailable: the store went away or refused. It is as it was then.
        """
        here = self._line.one("EVAL", SCRIPTS["close"], 1, self._keys.head, commit, self._mine, LAYOUT_VERSION)
        if here < 0:
            raise StartError("somebody wrote into the city's place meanwhile: stop its hubs and workers, try again")
        self.here = here == 1

    def let_go(self) -> None:
        """Drop every connection but ours: hubs and workers that are here adopt the city once it is open.

        They hold the key of the one before (`Store.secret`), with which residents would be somebody else.

        Raises:
            StoreUnavailable: the store does not let us.
        """
        self._line.ask([["CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes"] for kind in ("normal", "pubsub")])

    def move(self) -> int:
        """What was goes, what lies beside takes its place, all but the head; how many keys did.

        Raises:
            StartError: another restore has begun. StoreUnavailable: the store went away. The city stays closed.
        """
        beside = self._keys.restoring.encode()
        stays = {self._keys.head.encode(), self._keys.erased.encode(), beside + b"head"}
        for page in names(self._line, self._keys.prefix + "*"):
            self._step([name for name in page if name not in stays and not name.startswith(beside)])
        return sum(
            self._step([name for name in page if name not in stays])
            for page in names(self._line, self._keys.restoring + "*")
        )

    def _step(self, page: list[bytes]) -> int:
        moved = 0
        for begin in range(0, len(page), MOVED):
            count, *held_us = self._line.one(
                "EVAL", SCRIPTS["move"], 1, self._keys.head, self._mine, self._keys.prefix, self._keys.restoring,
                *page[begin : begin + MOVED],
            )  # fmt: skip
            if count < 0:
                raise StartError(OVERTAKEN)
            moved, self.longest_us = moved + count, max(self.longest_us, held_us[0])
        return moved

    def open(self, epoch: str, commit: int) -> None:
        """The city is there.

        Raises: as `move`.
        """
        beside = self._keys.restoring + "head"
        done = self._line.one("EVAL", SCRIPTS["switch"], 1, self._keys.head, self._mine, beside, epoch, commit)
        if done < 0:
            raise StartError(OVERTAKEN)


OVERTAKEN: Final = "another restore of this city has begun meanwhile: this one leaves it alone"
