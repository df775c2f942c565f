"""Settings: names with units, defaults, help; read from the environment, checked at start.

`KENTONGAN_BEAT_S=3` sets `beat_s`. A few have an option of the command line as well (`OPTIONS`), which goes before.
The README's table is `table()`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final, get_type_hints
from urllib.parse import urlsplit

from hub.errors import SettingError

PREFIX = "KENTONGAN_"
OPTIONS: Final = {
    "tls_cert": "--tls-cert",
    "tls_key": "--tls-key",
    "public_url": "--public-url",
    "help_url": "--help-url",
    "trusted_proxies": "--trust-proxy",
}
"""Settings that `up` and `serve` also take as an option."""


def _wrong(variable: str, expected: str, got: str) -> SettingError:
    return SettingError(f"{variable}: expected {expected}, got {got!r}")


def _setting(default: Any, help_: str, *, at_least: float = 0, at_most: float = 1e9, items: str = "") -> Any:
    """One setting. `items` says what a text or each of a list is: `origin`, `base`, `host`, `network`, `url`, ..."""
    return field(default=default, metadata={"help": help_, "range": (at_least, at_most), "items": items})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, valid once built by `from_environment`. Every field says its unit and what zero means."""

    allowed_origins: tuple[str, ...] = _setting(
        (),
        "Origins whose pages may use the hub. None: the hub's own address, by number and as `localhost`",
        items="origin",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        "Names that `Host` may say, without port, beside those of the public addresses. "
        "None: `127.0.0.1`, `localhost`, `--host`",
        items="host",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        "Addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For` and `-Proto` are believed. None: nobody's",
        items="network",
    )
    tls_cert: str = _setting(
        "",
        "File with the certificate, the hub's own first (PEM; also `--tls-cert`). None: plain HTTP, behind a proxy",
        items="path",
    )
    tls_key: str = _setting("", "File with its private key (PEM, without a passphrase; also `--tls-key`)", items="path")
    replicas: int = _setting(
        0, "Replicas of the store that must have a commit on disk before it is accepted. 0: the store alone", at_most=8
    )
    public_url: str = _setting(
        "",
        "Origin of the public hub as pages reach it (https://...). None: by the name that was asked for",
        items="origin",
    )
    help_url: str = _setting(
        "",
        "Address of the help hub as pages reach it, also with a path (https://.../help). "
        "None: by the name that was asked for",
        items="base",
    )
    beat_s: float = _setting(4.0, "Seconds between two beats on a socket", at_least=0.2, at_most=4)
    beat_resident_s: float = _setting(
        8.0, "The same for residents at a public hub: nothing urgent is joined there", at_least=0.2, at_most=60
    )
    hello_timeout_s: float = _setting(5.0, "Seconds a new socket has for its `hello`", at_least=0.1, at_most=60)
    deadline_s: float = _setting(2.0, "Seconds after which a command is answered in any case", at_least=0.1, at_most=10)
    session_check_s: float = _setting(60.0, "Seconds between two checks of a live session", at_least=1, at_most=3600)
    drain_s: float = _setting(2.0, "Seconds over which SIGTERM spreads its `bye`", at_most=300)
    outbox_kb: int = _setting(
        64, "Kilobytes that may wait for one socket; beyond, normal and bulk fold", at_least=32, at_most=65_536
    )
    outbox_urgent_kb: int = _setting(
        256,
        "Kilobytes of urgent frames that may wait for one socket; beyond, it is closed with 4008",
        at_least=32,
        at_most=65_536,
    )
    resume_keep_min: int = _setting(15, "Minutes of changes a hub keeps in memory for resumes", at_most=1440)
    resume_keep_mb: int = _setting(32, "Megabytes of changes a hub keeps in memory for resumes", at_most=4096)
    log_keep_h: int = _setting(24, "Hours an entry stays in the city's log", at_least=1, at_most=720)
    log_keep_mb: int = _setting(64, "Megabytes of one lane's log; older entries go first", at_least=1, at_most=65_536)
    archive_url: str = _setting(
        "",
        "The long memory of the audit log: `sqlite:PATH` or `postgresql://...`. None: `up` keeps `archive.sqlite` in"
        " its data folder, `work` keeps none",
        items="archive",
    )
    archive_key: str = _setting(
        "",
        "File of the key that signs the audit log's heads, made at first use. None: beside the SQLite file, else"
        " `var/archive.key`",
        items="file",
    )
    audit_head_file: str = _setting(
        "",
        "File that holds the last signed head of the audit log; of several cities each its own, its code before the"
        " ending. None: no file",
        items="file",
    )
    backup_key: str = _setting(
        "",
        "File of the key that seals secrets in backups, made at first use; an option `--key` goes before it. None:"
        " `var/backup.key`",
        items="file",
    )
    webhook_private: bool = _setting(
        False,
        "Whether webhooks may go to addresses that are not public (this machine, private networks); always in the demo",
    )
    notify_url: str = _setting(
        "",
        "Address of the city's own SMS or WhatsApp gateway (https://...), told of an offer that no device of a medic"
        " received in 10 s, of a shop's second contact and of an alarm that no desk took in 60 s. None: nobody is told",
        items="url",
    )
    notify_secret: str = _setting(
        "",
        "Signs what the gateway is told (HMAC-SHA256), 16 characters or more; needed with an address",
        items="secret",
    )
    log_json: bool = _setting(
        False, "Whether each line on standard error is one JSON object, without names, phones or places"
    )
    traces_url: str = _setting(
        "",
        "Origin of an OpenTelemetry collector (OTLP over HTTP, port 4318) for traces of commands. None: no traces",
        items="origin",
    )
    new_device_burst: int = _setting(
        300, "Durable commands of new devices per address at once. 0: no limit, as in the demo from this machine"
    )
    new_device_per_s: float = _setting(2.0, "Durable commands of new devices per address and second after the burst")
    device_burst: int = _setting(60, "Durable commands of one known device at once. 0: no limit")
    device_per_s: float = _setting(2.0, "Durable commands of one known device per second after the burst")
    limit_loopback: bool = _setting(True, "Whether the limits hold for 127.0.0.1 too; never in the demo")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, options: Mapping[str, str] | None = None
    ) -> Settings:
        """Read and check every `KENTONGAN_*` variable.

        Args:
            options: what the command line says, by the setting's name.

        Raises:
            SettingError: a value that cannot be used, or a variable that names no setting.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        types = get_type_hints(cls)
        values = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                raise _wrong(variable, "the name of a setting (see README, Settings)", text)
            f = known[variable]
            values[f.name] = _parsed(variable, text.strip(), types[f.name], f.metadata)
        for name, text in (options or {}).items():
            f = known[PREFIX + name.upper()]
            values[name] = _parsed(OPTIONS[name], text.strip(), types[name], f.metadata)
        if values.get("notify_url") and not values.get("notify_secret"):
            raise SettingError(f"{PREFIX}NOTIFY_SECRET: expected the secret that signs what {PREFIX}NOTIFY_URL is told")
        return cls(**values)


def _parsed(variable: str, text: str, kind: Any, metadata: Mapping[str, Any]) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise _wrong(variable, "true or false", text)
        return text.lower() in ("true", "1", "yes")
    if kind in (int, float):
        low, high = metadata["range"]
        try:
            number = kind(text)
        except ValueError:
            number = None
        # `not low <= x` and not `x < low`: NaN compares false with everything.
        if number is None or not low <= number <= high:
            what = "a whole number" if kind is int else "a number"
            raise _wrong(variable, f"{what} from {low:g} to {high:g}", text)
        return number
    if kind is str:
        if text:
            _check_item(variable, metadata["items"], text)
        return text
    items = tuple(part.strip() for part in text.split(",") if part.strip())
    for item in items:
        _check_item(variable, metadata["items"], item)
    return items


def _check_item(variable: str, kind: str, item: str) -> None:
    if kind == "archive":
        if not re.match(r"sqlite:.|postgres(ql)?://.", item):
            raise _wrong(
                variable, "sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE", item.partition(":")[0] + ":..."
            )
    elif kind in ("origin", "base"):
        scheme, separator, rest = item.partition("://")
        host, slash, path = rest.partition("/") if kind == "base" else (rest, "", "")
        good = scheme in ("http", "https") and separator and host and not any(c in rest for c in "?# @")
        if not good or "/" in host or (slash and (not path or path.endswith("/"))) or not _has_port(item):
            what = "origins like https://example.org, separated by commas"
            raise _wrong(variable, what if kind == "origin" else "an address like https://example.org/help", item)
    elif kind == "url":
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[!-~]*)?", item) or not _has_port(item):
            raise _wrong(variable, "an address like https://gateway.example/sms, without a user name", item)
    elif kind == "secret":
        if len(item) < 16:
            raise SettingError(f"{variable}: expected 16 characters or more")
    elif kind == "network":
        _check_network(variable, item)
    elif kind in ("path", "file"):
        if "\0" in item:
            raise _wrong(variable, "a file", item)
    elif any(c in item for c in "/?# @"):
        raise _wrong(variable, f"{kind} names or addresses without scheme, separated by commas", item)


def _has_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _check_network(variable: str, item: str) -> None:
    try:
        network = ipaddress.ip_network(item, strict=False)
    except ValueError:
        raise _wrong(variable, "addresses or networks like 10.0.0.9, 10.0.0.0/8 or fd00::/8", item) from None
    if network.prefixlen == 0:
        raise _wrong(variable, "the proxies' own network: with this one anybody could name any address", item)


def table() -> str:
    """The README's table of settings, as Markdown."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for f in fields(Settings):
        assert f.default is not MISSING
        default = f.default
        shown = "none" if default in ((), "") else str(default).lower() if isinstance(default, bool) else f"{default:g}"
        lines.append(f"| `{PREFIX}{f.name.upper()}` | {shown} | {f.metadata['help']} |")
    return "\n".join(lines) + "\n"
