"""How one hub process runs, and what follows from it: addresses, settings, the configuration that pages read."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from hub.address import host_of, query_address
from hub.cities import settings_of
from hub.city_file import OWN, CityFile
from hub.node import Kind
from hub.oidc_page import pages_of
from hub.settings import Settings


class HubOptions(Struct, frozen=True):
    """How one hub process runs. `public_port` and `help_port` name both doors, whichever this one is.

    `query`: where a public hub asks for shops, `unix:PATH` or `HOST:PORT`; empty for the socket of its port.
    `cities`: those that it serves, each by its hosts; one alone may have none.
    """

    kind: Kind
    store: str
    port: int
    public_port: int
    help_port: int
    settings: Settings
    host: str = "127.0.0.1"
    demo: bool = False
    query: str = ""
    cities: tuple[CityFile, ...] = (OWN,)


def city_settings(options: HubOptions, city: CityFile) -> Settings:
    """The settings as this city's doors need them."""
    return settings_of(options.settings, city, options.cities, options.host, options.public_port)


def base_of(options: HubOptions, city: CityFile = OWN) -> str:
    """The address that links begin with: the pages' origin where one is set, else where this hub is reached."""
    return city_settings(options, city).public_url or _own(options, options.public_port, city)


def help_base_of(options: HubOptions, city: CityFile = OWN) -> str:
    """The same of the help hub."""
    return city_settings(options, city).help_url or _own(options, options.help_port, city)


def _own(options: HubOptions, port: int, city: CityFile) -> str:
    host = city.hosts[0] if city.hosts else host_of(options.host)
    return f"http{'s' * bool(options.settings.tls_cert)}://{host}:{port}"


def query_of(options: HubOptions, city: CityFile) -> str:
    """Where the query process of a city is asked."""
    several = len(options.cities) > 1
    return options.query or query_address(options.public_port, city.code if several else "")


def config(options: HubOptions, city: CityFile = OWN) -> dict[str, Any]:
    """The part of `GET /v1/config` that does not change."""
    return {
        "city": city.code,
        "city_name": city.name,
        "beat_s": options.settings.beat_s,
        "emergency": list(city.numbers),
        "languages": list(city.languages),
        "zone": {"name": city.zone, "hours": city.clock.hours, "letters": city.clock.letters},
        "neighbours": [{"code": one.code, "name": one.name} for one in options.cities if one is not city],
        "demo": options.demo,
        "city_sign_in": pages_of(city.oidc, city_settings(options, city).public_url),
    }
