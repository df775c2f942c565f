"""What `lanes` and `storm` share: emergencies that are committed while something else goes on at the public hub."""

from __future__ import annotations

from typing import Any, Final

from tests.bench.load import Lines
from tests.bench.rig import Rig

EMERGENCIES_PER_S: Final = 50.0


class Emergencies:
    """A medic's socket at the help hub, and a publisher of that medic's topic."""

    def __init__(self, city: Rig) -> None:
        (medic,) = city.staff("medic")
        arguments = ("-p", city.help_port, "-n", 1, "-t", city.tokens([medic]), "-j", "help/%", "-j", "warnings")
        self._socket = city.program("swarm", *arguments)
        opened = self._socket.wait("opened")
        assert opened["ready"] == 1, opened
        self._publisher = city.publisher("urgent", f"help/{medic.person}")

    def run(self, seconds: float) -> dict[str, Any]:
        self.start(seconds)
        return self.end()

    def start(self, seconds: float) -> None:
        self._socket.reset()
        self._publisher.tell(f"pace {EMERGENCIES_PER_S} {seconds}")

    def end(self) -> dict[str, Any]:
        """Once the last one is committed: what the socket saw.

        Raises:
            RuntimeError: one was committed and did not come.
        """
        published = self._publisher.wait("published", 120)
        self._socket.tell(f"await {published['count']}")
        figures = self._socket.wait("stats", 10)
        return figures | {"commit_p50_ms": published["p50_ms"], "failed": published["failed"]}


def flooded(city: Rig, *arguments: object) -> Lines:
    """A swarm that gives way to the store and to whoever measures, so that it does not measure itself."""
    return city.program("swarm", *arguments, yields=True)
