"""Where a city listens and how it is reached: ports, TLS, and the options of `up` and `serve` that say so."""

from __future__ import annotations

import argparse
import errno
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hub import certificate, lan
from hub.address import host_of, query_address
from hub.cities import at
from hub.city_file import OWN, CityFile, read_cities
from hub.errors import StartError
from hub.settings import OPTIONS, Settings

HELP_OFFSET: Final = 100
HOST: Final = "127.0.0.1"
LAN_OFFSET: Final = 80
FOUND: Final = "found"
"""`--lan` without an address: the one by which this machine leaves its network."""
LAN_NEVER: Final = ("tls_cert", "tls_key", "public_url", "help_url", "trusted_proxies")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a city listens, and which kind it is. The help hub listens 100 above `port`.

    `query`: where its query process is asked; empty for the socket of its port.
    `options`: of the command line, for hubs; what they come to is in `settings`.
    `room`: its own certificates, in a room; the plain door is 80 above `port` then.
    `cities`: those that are served there.

    Raises:
        StartError: the certificate cannot be used, the demo of another city, or one query process for several.
    """

    host: str
    port: int
    demo: bool
    query: str = ""
    settings: Settings = field(default_factory=Settings)
    options: tuple[str, ...] = ()
    room: lan.Room | None = None
    cities: tuple[CityFile, ...] = (OWN,)

    def __post_init__(self) -> None:
        if self.demo and self.cities != (OWN,):
            raise StartError(f"the demo is a day in {OWN.name}: leave out --city, or --demo")
        if self.query and len(self.cities) > 1:
            raise StartError("--query names one query process, and every city has its own: leave it out")
        if not self.query:
            object.__setattr__(self, "query", query_address(self.port))
        certificate.of(self.settings, datetime.now(UTC))

    @property
    def help_port(self) -> int:
        return self.port + HELP_OFFSET

    @property
    def lan_port(self) -> int:
        return self.port + LAN_OFFSET

    @property
    def ports(self) -> tuple[int, ...]:
        """All that are listened on."""
        return (self.port, self.help_port, *(() if self.room is None else (self.lan_port,)))

    @property
    def url(self) -> str:
        return self.settings.public_url or self._own(self.port)

    @property
    def help_url(self) -> str:
        return self.settings.help_url or self._own(self.help_port)

    def query_of(self, city: CityFile) -> str:
        """Where the query process of a city is asked."""
        return self.query if len(self.cities) == 1 else query_address(self.port, city.code)

    def url_of(self, city: CityFile) -> str:
        """Where people find a city's pages."""
        if city.public_url or not city.hosts:
            return city.public_url or self.url
        return at(city, self.url)

    @property
    def files(self) -> list[str]:
        """The cities as options of a child process."""
        return [part for city in self.cities if city is not OWN for part in ("--city", str(city.path.absolute()))]

    def _own(self, port: int) -> str:
        return f"http{'s' * bool(self.settings.tls_cert)}://{host_of(self.host)}:{port}"


def check_ports(host: str, *ports: int) -> None:
    """Refuse ports that are taken.

    Raises:
        StartError: names the port.
    """
    for port in ports:
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as exc:
            if exc.errno == errno.EADDRINUSE:
                raise StartError(f"port {port} is in use: name another with --port (N and N + 100 are used)") from None
            raise StartError(f"port {port} on {host} cannot be used: {exc.strerror}") from exc


# -- options ---------------------------------------------------------------------


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `up` and `serve` take."""
    parser.add_argument("--demo", action="store_true", help="a simulated city; never mixes with a real one")
    parser.add_argument("--port", type=_port, default=8000, metavar="N", help="8000; the help hub takes N + 100")
    parser.add_argument("--host", default=HOST, help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--tls-cert", metavar="FILE", help="certificate, the hub's own first; read anew when it changes"
    )
    parser.add_argument("--tls-key", metavar="FILE", help="its private key")
    parser.add_argument("--public-url", metavar="URL", help="origin of the pages, in links and QR codes (https://...)")
    parser.add_argument("--help-url", metavar="URL", help="the help hub's address, a path included (https://.../help)")
    parser.add_argument(
        "--trust-proxy", dest="trusted_proxies", action="append", metavar="CIDR",
        help="address or network of a proxy whose X-Forwarded-For and -Proto are believed",
    )  # fmt: skip


def room_argument(parser: argparse.ArgumentParser) -> None:
    """What `up` takes beside that."""
    parser.add_argument(
        "--lan", nargs="?", const=FOUND, metavar="ADDRESS",
        help="for phones in this room: a private authority, TLS, and QR codes (this machine's address in the network)",
    )  # fmt: skip


def in_room(options: argparse.Namespace, settings: Settings, folder: Path, now: datetime) -> Place:
    """A city at this machine's address in its network, with certificates of its own in `folder`.

    Raises:
        StartError: no address, or an option that speaks of another certificate or address.
    """
    for name in LAN_NEVER:
        if getattr(settings, name):
            raise StartError(
                f"{OPTIONS[name]}: expected none beside --lan, which makes its own address and certificate"
            )
    if options.host != HOST:
        raise StartError(
            f"--host: expected none beside --lan, got {options.host!r}: name the address with --lan ADDRESS"
        )
    address = lan.own_address() if options.lan == FOUND else options.lan
    room = lan.room(folder, address, now)
    base = f"https://{host_of(room.address)}"
    own = {
        "tls_cert": str(room.server.cert),
        "tls_key": str(room.server.key),
        "public_url": f"{base}:{options.port}",
        "help_url": f"{base}:{options.port + HELP_OFFSET}",
    }
    again = tuple(part for name, text in own.items() for part in (OPTIONS[name], text))
    made = replace(settings, **own)  # type: ignore[arg-type]  # fields by name, all of them text
    cities = read_cities(getattr(options, "city", None))
    return Place(room.address, options.port, options.demo, settings=made, options=again, room=room, cities=cities)


def given(options: argparse.Namespace) -> dict[str, str]:
    """The settings that stand on the command line, as text."""
    found = {name: getattr(options, name, None) for name in OPTIONS}
    return {name: ",".join(one) if isinstance(one, list) else one for name, one in found.items() if one is not None}


def of(options: argparse.Namespace, settings: Settings) -> Place:
    """Where these options say.

    Raises:
        StartError: the certificate cannot be used.
    """
    again = tuple(part for name, text in given(options).items() for part in (OPTIONS[name], text))
    query, cities = getattr(options, "query", ""), read_cities(getattr(options, "city", None))
    return Place(options.host, options.port, options.demo, query, settings, again, cities=cities)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_435:
        raise argparse.ArgumentTypeError("expected a port from 1 to 65435")
    return int(text)
