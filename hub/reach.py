"""What a phone would miss: whether the addresses that pages and links are given can be opened there, and with TLS.

Without a secure context a browser gives a page no position, no wake lock and no service worker
(W3C Secure Contexts; Geolocation, section 3). Only addresses that the settings name are tried.
"""

from __future__ import annotations

import ipaddress
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Final, Literal

from hub.check import Finding
from hub.settings import Settings

PUBLIC, HELP = "KENTONGAN_PUBLIC_URL", "KENTONGAN_HELP_URL"
HTTPS: Final = "https://..."
ANSWER_S: Final = 5.0
PLAIN: Final = (
    "over plain HTTP a page gets no position, cannot keep the screen awake and is not installed, "
    "and anybody on the way reads names and phones"
)
MIXED: Final = "a page that came over HTTPS may open no plain socket, so the help button is not live"


def missed(settings: Settings, recorded: str, tried: Callable[[str], str | None]) -> list[Finding]:
    """What a phone would miss at these addresses.

    Args:
        recorded: the address that a running hub recorded for links, or empty.
        tried: why an address does not answer, or None when it does.
    """
    public, help_ = settings.public_url, settings.help_url
    found = [*_address(PUBLIC, public or recorded)]
    if help_:
        found += _address(HELP, help_)
    if public.startswith("https://") and not help_.startswith("https://"):
        shown = help_ or "not set"
        why = MIXED if help_ else "pages look for the help hub at the same name, 100 ports above: is it open, with TLS?"
        found = [one for one in found if one.what != HELP] + [Finding("phone", HELP, shown, HTTPS, why)]
    for name, url in ((PUBLIC, public), (HELP, help_)):
        if url and (why_not := tried(url)) is not None:
            found.append(Finding("phone", name, url, "an address where a hub answers", why_not))
    return found


def _address(name: str, url: str) -> Iterator[Finding]:
    if not url:
        yield Finding("phone", name, "not set", HTTPS, "links and QR codes have no address that a phone could open")
        return
    parts = urllib.parse.urlsplit(url)
    place = _place(parts.hostname or "")
    if place == "here":
        yield Finding("phone", name, url, HTTPS, "under this name a phone finds itself, not the hub")
    elif place == "near":
        yield Finding("phone", name, url, HTTPS, "only phones in the same network find it")
    if parts.scheme != "https" and place != "here":
        yield Finding("phone", name, url, HTTPS, PLAIN)


def _place(host: str) -> Literal["here", "near", "anywhere"]:
    """Who finds a host: this machine alone, its network, or everybody."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
            return "here"
        return "near" if "." not in host or host.endswith((".local", ".internal")) else "anywhere"
    if address.is_loopback or address.is_unspecified:
        return "here"
    return "anywhere" if address.is_global else "near"


def why_silent(url: str) -> str | None:
    """Why no hub answers there as it would to a phone (name, certificate, port), or None when one does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/health/live", timeout=ANSWER_S):
            return None
    except urllib.error.HTTPError as exc:
        with exc:
            return f"it answers with HTTP {exc.code}"
    except urllib.error.URLError as exc:
        return f"it does not answer ({exc.reason})"
    except (OSError, ValueError) as exc:
        return f"it does not answer ({exc})"
