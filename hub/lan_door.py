"""The plain door of a room: where a phone that does not trust the hub yet gets what it needs, and nothing else.

    GET /lan                    what to do, in Indonesian or English
    GET /lan/kentongan-ca.crt   the authority's certificate
    everything else             a redirect to the hub, over TLS

It runs beside `up --lan` and never elsewhere: a city's certificate comes from an authority that phones know.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from hub.docs_page import words_of
from hub.pages import SECTION, Files

STATIC: Final = Path(__file__).parent.parent / "static"
LANGUAGES: Final = ("id", "en")
WORD: Final = re.compile(r'data-word="lan\.(\w+)">')
READ: Final = ("GET", "HEAD")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def page(frame: str, words: Mapping[str, str], fingerprint: str) -> str:
    """The page with its words and the authority's fingerprint.

    Raises:
        KeyError: the frame has a place without a word.
    """
    html = WORD.sub(lambda found: f">{escape(words[found[1]])}", frame)
    # A line ends between two bytes, never within one: it is compared by eye.
    return html.replace("<!--fingerprint-->", escape(fingerprint).replace(":", ":<wbr>"))


def application(public_url: str, ca: bytes) -> Starlette:
    """The routes.

    Args:
        public_url: where everything else is sent.
        ca: the authority's certificate (PEM).
    """
    cert = x509.load_pem_x509_certificate(ca)
    fingerprint = cert.fingerprint(hashes.SHA256()).hex(":").upper()
    frame = (STATIC / "lan" / "index.html").read_text("utf-8")
    pages = {language: page(frame, _words(language), fingerprint) for language in LANGUAGES}
    pages["en"] = pages["en"].replace('<html lang="id">', '<html lang="en">')

    async def told(request: Request) -> Response:
        language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "id"
        return Response(pages[language], headers=HEADERS, media_type="text/html")

    async def authority(request: Request) -> Response:
        saved = {"Content-Disposition": 'attachment; filename="kentongan-ca.crt"', **HEADERS}
        return Response(cert.public_bytes(Encoding.DER), headers=saved, media_type="application/x-x509-ca-cert")

    async def elsewhere(request: Request) -> Response:
        if request.method not in READ:  # what it carries has been read on the way already: not once more
            return PlainTextResponse(f"expected {public_url}", 403, HEADERS)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(public_url + request.url.path + query, 308, HEADERS)

    return Starlette(
        routes=[
            Route("/lan", told),
            Route("/lan/kentongan-ca.crt", authority),
            Mount("/static", Files(STATIC)),
            Route("/{rest:path}", elsewhere, methods=["GET", "HEAD", "POST", "PUT", "DELETE"]),
        ]
    )


def _words(language: str) -> dict[str, str]:
    text = (STATIC / "words" / f"{language}.js").read_text("utf-8")
    return next(words_of(found[0]) for found in SECTION.finditer(text) if found[1] == "lan")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; prints `lan_ready` when it listens."""
    parser = argparse.ArgumentParser(prog="hub.lan_door")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--public-url", required=True)
    parser.add_argument("--ca", type=Path, required=True)
    options = parser.parse_args(arguments)
    made = application(options.public_url, options.ca.read_bytes())
    server = uvicorn.Server(
        uvicorn.Config(
            made, host=options.host, port=options.port, log_config=None, access_log=False, lifespan="off",
            proxy_headers=False, server_header=False, timeout_graceful_shutdown=1,
        )
    )  # fmt: skip

    listening = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await listening(sockets)
        print(json.dumps({"event": "lan_ready", "port": options.port}), flush=True)

    server.startup = startup  # type: ignore[method-assign]  # told to the starter once it listens
    asyncio.run(server.serve())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
