"""The example for nginx, run as it is: a real nginx over TLS before a help hub and two public hubs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from hub.outbox import BULK
from hub.settings import Settings
from tests.support.certificates import Authority
from tests.support.http import ANSWERED_S
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.processes import ROOT
from tests.support.raw import Raw, handshake, packed

CONF = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
NAME = "kota.example"
SETTINGS = Settings(
    public_url=f"https://{NAME}", help_url=f"https://{NAME}/help", trusted_proxies=("127.0.0.1",), device_burst=0
)
CLIENT = "127.0.0.5"
"""Where the test's clients come from: another address than the proxy's, on this machine."""
SECRET = "rahasia-kunci-pelacak-0123456789abcdef"
SWALLOWED_BYTES = 7_000_000
"""One receive buffer may take 6 MB by the kernel's own bound; deploy/sysctl.conf makes it small."""


class Front(NamedTuple):
    """A running proxy and the hubs behind it."""

    port: int
    plain_port: int
    trust: ssl.SSLContext
    folder: Path
    help: Hub
    public: tuple[Hub, Hub]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def configured(folder: Path, authority: Authority, ports: Mapping[str, int]) -> str:
    """The example with this test's ports, certificate and folders, and nothing else changed."""
    pair = authority.issue(NAME)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = CONF.read_text("utf-8").replace("http {", f"http {{ {temporary}", 1)
    text = re.sub(r"listen \[::\]:.*\n", "", text)  # a machine without IPv6 runs it too
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{ports['plain']};"),
        ("listen 443 ", f"listen 127.0.0.1:{ports['tls']} "),
        ("127.0.0.1:8100", f"127.0.0.1:{ports['help']}"),
        ("127.0.0.1:8000", f"127.0.0.1:{ports['one']}"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports['two']}"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", pair.cert),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", pair.key),
        ("/var/log/nginx/", f"{folder}/"),
        ("buffer=64k flush=5s", ""),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextlib.asynccontextmanager
async def front(url: str, folder: Path, *, gone: bool = False) -> AsyncIterator[Front]:
    """The proxy and its hubs; `gone`: where the public ones are looked for, nobody listens."""
    if not os.access(NGINX, os.X_OK):
        pytest.fail("nginx is missing; install it with: make system (sudo apt-get install nginx)")
    authority = Authority(folder)
    async with (
        running_hub(url, kind="help", settings=SETTINGS) as help_,
        running_hub(url, settings=SETTINGS) as one,
        running_hub(url, settings=SETTINGS) as two,
    ):
        ports = {"plain": free_port(), "tls": free_port(), "help": help_.port, "one": one.port, "two": two.port}
        ports |= {"one": free_port(), "two": free_port()} if gone else {}
        file = folder / "nginx.conf"
        file.write_text(configured(folder, authority, ports), "utf-8")
        own = "user root; " if os.getuid() == 0 else ""
        arguments = ["-p", str(folder), "-c", str(file), "-e", str(folder / "error.log")]
        process = await asyncio.create_subprocess_exec(NGINX, *arguments, "-g", f"{own}daemon off; pid {folder}/pid;")
        try:
            await until(lambda: process.returncode is not None or _listens(ports["tls"]), 10)
            assert process.returncode is None, logs(folder)
            yield Front(ports["tls"], ports["plain"], authority.context(), folder, help_, (one, two))
        finally:
            process.terminate()
            await process.wait()


def logs(folder: Path) -> str:
    """All that the proxy wrote down."""
    return "".join(path.read_text() for path in folder.glob("*.log"))


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


async def connected(through: Front, *, receive_bytes: int | None = None) -> Raw:
    """A TLS connection to the proxy from the clients' address."""
    bare = socket.socket()
    if receive_bytes is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    bare.setblocking(False)
    bare.bind((CLIENT, 0))
    await asyncio.get_running_loop().sock_connect(bare, ("127.0.0.1", through.port))
    reader, writer = await asyncio.open_connection(sock=bare, ssl=through.trust, server_hostname=NAME)
    return Raw(reader, writer, "msgpack")


async def asked(
    through: Front, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", body: bytes = b""
) -> tuple[int, str, Any]:
    """(status, head, body; decoded when it is JSON)."""
    one = await connected(through)
    fields = {"Host": NAME, "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
    lines = "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""])
    await one.write(lines.encode() + body)
    status = await one.answered()
    async with asyncio.timeout(ANSWERED_S):
        found = await one._reader.read()
    await one.end()
    head = one.head.lower()
    return status, head, msgspec.json.decode(found) if "content-type: application/json" in head else found


@on_loop
async def test_paths_lead_to_their_hubs(valkey_url: str, tmp_path: Path) -> None:
    """`/help/` is the help hub, all else the public ones by turns; pages hear these addresses; figures stay inside."""
    async with front(valkey_url, tmp_path) as through:
        assert (await asked(through, "/help/health/ready"))[2]["node"] == through.help.node.name
        nodes = {(await asked(through, "/health/ready"))[2]["node"] for _ in range(6)}
        assert nodes == {hub.node.name for hub in through.public}
        config = (await asked(through, "/v1/config"))[2]
        assert (config["live"], config["help"]) == (f"wss://{NAME}/v1/live", f"wss://{NAME}/help/v1/live")
        assert (config["url"], config["help_url"]) == (f"https://{NAME}", f"https://{NAME}/help")
        for path in ("/metrics", "/help/metrics"):
            assert (await asked(through, path))[0] == 404
        status, head, _ = await asked(
            through,
            "/v1/sessions",
            {"Origin": f"https://{NAME}"},
            method="POST",
            body=b'{"device": "%s"}' % (b"a" * 64),
        )
        assert status == 201
        assert "set-cookie: kt_resident=" in head
        assert "; secure" in head
        assert "strict-transport-security: max-age=31536000" in head
        with socket.create_connection(("127.0.0.1", through.plain_port), timeout=5) as plain:
            plain.sendall(f"GET /medic?as=medic HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
            said = await asyncio.to_thread(plain.recv, 4096)
        assert said.startswith(b"HTTP/1.1 308")
        assert f"Location: https://{NAME}/medic?as=medic".encode() in said


@on_loop
async def test_sockets_pass_and_the_client_is_known(valkey_url: str, tmp_path: Path) -> None:
    """A WebSocket at each door, counted by the client's own address; what a client says of itself does not count."""
    async with front(valkey_url, tmp_path) as through:
        token = through.help.resident().token
        lies = {
            "Host": NAME,
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Proto": "http",
            "Origin": f"https://{NAME}",
        }
        for path, hubs in (("/help/v1/live", (through.help,)), ("/v1/live", through.public)):
            one = await connected(through)
            await one.write(handshake(0, token=token, path=path, headers=lies) + packed({"t": "hello"}))
            assert await one.answered() == 101
            await one.hears("welcome")
            (connection,) = [each for hub in hubs for each in hub.node.connections]
            assert connection.address == CLIENT
            await one.end()
            await until(lambda hubs=hubs: not any(hub.node.connections for hub in hubs))  # type: ignore[misc]


@on_loop
async def test_a_slow_phone_swallows_little(valkey_url: str, tmp_path: Path) -> None:
    """Who does not read holds the hub back soon, so that what waits for it waits where an emergency goes first."""
    async with front(valkey_url, tmp_path) as through:
        one = await connected(through, receive_bytes=4096)
        token = through.help.resident().token
        await one.write(
            handshake(0, token=token, path="/help/v1/live", headers={"Host": NAME}) + packed({"t": "hello"})
        )
        assert await one.answered() == 101
        await one.hears("welcome")
        one._writer.transport.pause_reading()  # type: ignore[attr-defined]
        (connection,) = through.help.node.connections
        frame = {"t": "reply", "ref": None, "ok": False, "code": "internal", "message": "x" * 8_000}
        sent, still = 0, 0
        while still < 100 and sent < SWALLOWED_BYTES:
            if connection._paused:
                still += 1
                await asyncio.sleep(0.005)
                continue
            still = 0
            connection.send(BULK, frame)
            sent += 8_000
            await asyncio.sleep(0)
        assert connection._paused
        assert sent < SWALLOWED_BYTES, sent
        one.reset()
        await one.end()


@on_loop
async def test_no_log_holds_a_key_or_a_token(valkey_url: str, tmp_path: Path) -> None:
    """Neither a tracker's key nor what a client is signed in with; not where no hub is there and errors are written."""
    async with front(valkey_url, tmp_path, gone=True) as through:
        where = f"/v1/trackers/osmand?id={SECRET}&lat=-7.47&lon=112.43&timestamp=1"
        assert (await asked(through, where))[0] == 502
        signed_in = {"Authorization": f"Bearer {SECRET}", "Cookie": f"kt_medic={SECRET}"}
        assert (await asked(through, "/v1/config?as=medic", signed_in))[0] == 502
        assert (await asked(through, f"/help/v1/config?as={SECRET[:8]}", signed_in))[0] == 200
        assert "/v1/config" in logs(tmp_path)
        assert SECRET not in logs(tmp_path)
