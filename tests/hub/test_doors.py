"""Who may knock: Host, Origin, cookies and addresses."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from hub.doors import Doors
from hub.settings import Settings

LOCAL = Doors(Settings(), "127.0.0.1", 8000)
PAGE = "http://127.0.0.1:8000"


def asked(
    method: str = "GET",
    *,
    kind: str = "http",
    query: str = "",
    scheme: str = "http",
    **fields: str,
) -> HTTPConnection:
    """A request or handshake; header names with underscores for hyphens."""
    headers = {"host": "127.0.0.1:8000", **{name.replace("_", "-"): value for name, value in fields.items()}}
    scope: dict[str, Any] = {
        "type": kind, "path": "/", "query_string": query.encode(), "client": ("10.0.0.9", 5), "scheme": scheme,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    if kind == "http":
        scope["method"] = method
    return HTTPConnection(scope)


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("127.0.0.1:8000", True),
        ("127.0.0.1", True),
        ("localhost:8000", True),
        ("localhost:9", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[::1]:8000", False),
    ],
)
def test_only_our_names_are_served(host: str, may: bool) -> None:
    """`Host` is configured, never trusted."""
    assert (LOCAL.refuses(asked(host=host)) is None) is may


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (PAGE, True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8100", False),
        ("https://127.0.0.1:8000", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_our_pages_may_ask(origin: str, may: bool) -> None:
    """Whatever carries an `Origin` must match the list; the help hub's own address is no page."""
    assert (LOCAL.refuses(asked(origin=origin)) is None) is may


def test_no_origin_is_no_page() -> None:
    """Trackers and other systems send none."""
    assert LOCAL.refuses(asked()) is None


def test_settings_name_hosts_and_origins() -> None:
    """Configured, they replace what is guessed; the public address is always one of ours."""
    doors = Doors(
        Settings(
            allowed_hosts=("medis.example",), allowed_origins=("https://a.example",), public_url="https://medis.example"
        ),
        "0.0.0.0",
        443,
    )
    assert doors.refuses(asked(host="medis.example", origin="https://a.example")) is None
    assert doors.refuses(asked(host="medis.example", origin="https://medis.example")) is None
    assert doors.refuses(asked(host="localhost")) is not None
    assert doors.refuses(asked(host="medis.example", origin="http://localhost")) is not None


def test_cookies_are_named_by_role_and_port() -> None:
    """Off the default ports the names end in the public port, the same at both hubs."""
    assert LOCAL.cookie_name("medic") == "kt_medic_8000"
    assert Doors(Settings(), "127.0.0.1", 443).cookie_name("medic") == "kt_medic"


COOKIE = "kt_resident_8000=r1; kt_medic_8000=m1; kt_service_8000=s1; kt_tracker_8000=t1"


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("", "r1"),
        ("as=medic", "m1"),
        ("as=seller", None),
        ("as=service", None),
        ("as=tracker", None),
        ("as=root", None),
    ],
)
def test_a_page_names_its_role(query: str, token: str | None) -> None:
    """None is the resident; a role without a cookie, or that has no page, is nobody."""
    assert LOCAL.token(asked(query=query, cookie=COOKIE)) == token


@pytest.mark.parametrize(
    ("connection", "counts"),
    [
        (asked("GET", cookie=COOKIE), True),
        (asked("HEAD", cookie=COOKIE), True),
        (asked("GET", cookie=COOKIE, sec_fetch_site="same-origin"), True),
        (asked("GET", cookie=COOKIE, sec_fetch_site="none"), True),
        (asked("GET", cookie=COOKIE, sec_fetch_site="cross-site"), False),
        (asked("GET", cookie=COOKIE, sec_fetch_site="same-site"), False),
        (asked("POST", cookie=COOKIE), False),
        (asked("DELETE", cookie=COOKIE), False),
        (asked("POST", cookie=COOKIE, origin=PAGE), True),
        (asked("POST", cookie=COOKIE, origin=PAGE, sec_fetch_site="same-site"), True),
        (asked(kind="websocket", cookie=COOKIE), False),
        (asked(kind="websocket", cookie=COOKIE, origin=PAGE), True),
    ],
)
def test_a_cookie_counts_only_from_a_page_of_ours(connection: HTTPConnection, counts: bool) -> None:
    """A handshake, or a method that changes something, needs `Origin`; a read must not be a foreign site's."""
    assert (LOCAL.token(connection) is not None) is counts


@pytest.mark.parametrize(
    ("header", "token"), [("Bearer k1.x", "k1.x"), ("bearer  k1.x ", "k1.x"), ("Basic k1.x", "r1"), ("Bearer", "r1")]
)
def test_a_bearer_goes_before_the_cookie(header: str, token: str) -> None:
    """And it needs no Origin."""
    assert LOCAL.token(asked(authorization=header, cookie=COOKIE)) == token
    assert LOCAL.token(asked("POST", authorization=header)) == (token if token == "k1.x" else None)


def test_only_a_trusted_proxy_names_the_client() -> None:
    """Its last hop; anybody else's words are their own."""
    doors = Doors(Settings(trusted_proxies=("10.0.0.9",)), "127.0.0.1", 8000)
    through = asked(x_forwarded_for="1.1.1.1, 2.2.2.2", x_forwarded_proto="https")
    assert (doors.address(through), doors.secure(through)) == ("2.2.2.2", True)
    assert (LOCAL.address(through), LOCAL.secure(through)) == ("10.0.0.9", False)
    assert doors.address(asked()) == "10.0.0.9"
    assert LOCAL.secure(asked(scheme="https"))


def test_the_two_hubs_are_named_by_the_name_that_was_asked_for() -> None:
    """So that a cookie of one holds at the other; settings go before."""
    assert LOCAL.addresses(asked(host="localhost:8000"), 8000, 8100) == {
        "live": "ws://localhost:8000/v1/live",
        "help": "ws://localhost:8100/v1/live",
        "url": "http://localhost:8000",
        "help_url": "http://localhost:8100",
    }
    set_ = Doors(Settings(public_url="https://a.example", help_url="https://h.example"), "0.0.0.0", 8000)
    assert set_.addresses(asked(), 8000, 8100)["help"] == "wss://h.example/v1/live"


def test_a_proxy_that_writes_several_lines_is_read_whole() -> None:
    """A client's own header stands before the proxy's line: the last one counts, of both headers."""
    scope = asked().scope
    scope["headers"] += [
        (b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"http"),
    ]  # fmt: skip
    doors = Doors(Settings(trusted_proxies=("10.0.0.0/24",)), "127.0.0.1", 8000)
    through = HTTPConnection(scope)
    assert (doors.address(through), doors.secure(through)) == ("203.0.113.7", False)


def test_the_public_addresses_are_names_of_the_hub() -> None:
    """A proxy passes `Host` on: what `--public-url` and `--help-url` say may be asked for; their port names cookies."""
    doors = Doors(Settings(public_url="https://kota.example", help_url="https://h.example/help"), "0.0.0.0", 8003)
    for host in ("kota.example", "h.example", "kota.example:443", "localhost:8003"):
        assert doors.refuses(asked(host=host)) is None
    assert doors.refuses(asked(host="evil.example")) is not None
    assert doors.cookie_name("medic") == "kt_medic"
    assert (
        Doors(Settings(public_url="https://192.168.1.5:8000"), "192.168.1.5", 8000).cookie_name("medic")
        == "kt_medic_8000"
    )
    assert doors.addresses(asked(host="kota.example"), 8003, 8103)["help"] == "wss://h.example/help/v1/live"
    six = Doors(Settings(public_url="https://[2001:db8::1]"), "2001:db8::1", 8000)
    assert six.refuses(asked(host="[2001:db8::1]")) is None
    assert six.refuses(asked(host="[2001:db8::1]:8000")) is None


def test_a_hub_that_speaks_tls_has_https_pages() -> None:
    """Its own origins and addresses are so."""
    doors = Doors(Settings(tls_cert="a.pem", tls_key="a.key"), "127.0.0.1", 8000)
    assert doors.origins == {"https://127.0.0.1:8000", "https://localhost:8000"}
    assert doors.addresses(asked(), 8000, 8100)["live"] == "wss://127.0.0.1:8000/v1/live"


@pytest.mark.parametrize(
    ("host", "scheme", "lasting"),
    [
        ("kota.example", "https", True),
        ("kota.example", "http", False),
        ("localhost:8000", "https", False),
        ("demo.localhost", "https", False),
        ("192.168.1.5:8000", "https", False),
        ("[::1]:8000", "https", False),
    ],
)
def test_only_a_name_is_bound_to_tls(host: str, scheme: str, lasting: bool) -> None:
    """A browser that once heard so of a name comes over TLS alone; addresses and this machine are left free."""
    assert LOCAL.lasting(asked(host=host, scheme=scheme)) is lasting
