"""One request to an application, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any


async def ask(
    app: Any, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", query: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body)."""
    fields = {"host": "127.0.0.1", **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
        "client": ("192.168.1.77", 4711), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:])
