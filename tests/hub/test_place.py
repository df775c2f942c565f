"""Where a city listens: options, settings, and a room."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import place
from hub.errors import SettingError, StartError
from hub.place import Place, given, in_room, of
from hub.settings import OPTIONS, Settings
from tests.support.certificates import Authority

NOW = datetime.now(UTC)


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    place.arguments(parser)
    place.room_argument(parser)
    return parser.parse_args(arguments)


def settings(found: argparse.Namespace, environment: dict[str, str] | None = None) -> Settings:
    return Settings.from_environment(environment or {}, given(found))


def test_options_go_before_the_environment() -> None:
    """Several proxies by several options; what is not said is the environment's."""
    found = options("--trust-proxy", "10.0.0.0/8", "--trust-proxy", "fd00::/8", "--public-url", "https://a.example")
    made = settings(
        found, {"KENTONGAN_PUBLIC_URL": "https://b.example", "KENTONGAN_HELP_URL": "https://b.example/help"}
    )
    assert made.trusted_proxies == ("10.0.0.0/8", "fd00::/8")
    assert (made.public_url, made.help_url) == ("https://a.example", "https://b.example/help")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--public-url", "kota.example"], "--public-url: expected origins like"),
        (["--public-url", "https://kota.example/kentongan"], "--public-url: expected origins like"),
        (["--public-url", "https://kota.example:https"], "--public-url: expected origins like"),
        (["--help-url", "https://kota.example/help/"], "--help-url: expected an address like"),
        (["--trust-proxy", "proxy"], "--trust-proxy: expected addresses or networks like"),
        (["--trust-proxy", "10.0.0.0/8,::/0"], "--trust-proxy: expected the proxies' own network"),
    ],
)
def test_a_wrong_option_is_named_as_it_was_typed(arguments: list[str], says: str) -> None:
    """Not by the variable that nobody set."""
    with pytest.raises(SettingError) as refused:
        settings(options(*arguments))
    assert str(refused.value).startswith(says)


def test_hubs_are_given_what_was_said(tmp_path: Path) -> None:
    """A child hears the same options; links have the scheme of the hub, or the public address."""
    pair = Authority(tmp_path).issue("127.0.0.1")
    found = options(*pair.options, "--port", "9000")
    here = of(found, settings(found))
    assert list(here.options) == pair.options
    assert (here.url, here.help_url) == ("https://127.0.0.1:9000", "https://127.0.0.1:9100")
    outside = options("--public-url", "https://kota.example", "--help-url", "https://kota.example/help")
    here = of(outside, settings(outside))
    assert (here.url, here.help_url) == ("https://kota.example", "https://kota.example/help")
    assert Place("::1", 8000, False).url == "http://[::1]:8000"


def test_every_option_is_a_setting() -> None:
    """What can be typed can also stand in the environment."""
    assert set(OPTIONS) <= set(Settings.__dataclass_fields__)


def test_a_room_has_its_own_address_and_certificate(tmp_path: Path) -> None:
    """Pages and help hub by the address of the room, over TLS; the plain door beside them."""
    found = options("--lan", "192.168.1.5", "--demo")
    here = in_room(found, settings(found), tmp_path / "demo-lan", NOW)
    assert (here.host, here.url, here.help_url) == (
        "192.168.1.5", "https://192.168.1.5:8000", "https://192.168.1.5:8100",
    )  # fmt: skip
    assert here.ports == (8000, 8100, 8080)
    again = Settings.from_environment({}, dict(zip(OPTIONS, here.options[1::2], strict=False)))
    assert (again.tls_cert, again.public_url) == (here.settings.tls_cert, here.url)
    assert here.room is not None
    assert here.room.fresh


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lan", "192.168.1.5", "--public-url", "https://a.example"], "--public-url: expected none beside --lan"),
        (["--lan", "192.168.1.5", "--trust-proxy", "10.0.0.1"], "--trust-proxy: expected none beside --lan"),
        (["--lan", "192.168.1.5", "--host", "0.0.0.0"], "--host: expected none beside --lan"),
        (["--lan", "rumah"], "--lan: expected this machine's address"),
    ],
)
def test_a_room_takes_no_other_address(tmp_path: Path, arguments: list[str], says: str) -> None:
    """One sentence, and nothing was made."""
    found = options(*arguments)
    with pytest.raises(StartError) as refused:
        in_room(found, settings(found), tmp_path / "lan", NOW)
    assert str(refused.value).startswith(says)
    assert list(tmp_path.iterdir()) == []
