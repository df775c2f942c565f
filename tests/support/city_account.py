"""A hub and its city's own provider, as one browser meets them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from hub.city_file import OWN, CityFile
from hub.oidc_table import Oidc, Post
from hub.settings import Settings
from tests.support import provider as p
from tests.support.http import http
from tests.support.live import Hub, running_hub

URL = "https://kota.example"
START, CALLBACK = "/v1/oidc/start", "/v1/oidc/callback"
END, ENDED = "/v1/oidc/end", "/v1/oidc/ended"
ROLES = {
    "admin": Post("admin"),
    "pusat-medis": Post("dispatcher", desk="medic"),
    "pusat-pasar": Post("dispatcher", desk="market"),
    "medis": Post("medic"),
}
Answer = tuple[int, dict[str, str], Any]


class Browser:
    """As much of a browser as a sign-in needs: its cookies, and redirects that are seen, not followed."""

    def __init__(self, hub: Hub, city: p.Provider) -> None:
        self.hub, self.city, self.cookies = hub, city, dict[str, str]()

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"Cookie": jar} if jar else {}
        answer = await http(self.hub.port, method, path, headers={**given, **headers})
        for line in set_cookies(answer[1]):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    async def begin(self, page: str = "/dispatch") -> Answer:
        return await self.get(f"{START}?page={page}")

    async def back(self, begun: Answer) -> str:
        """What the provider sends this browser back to, once the person has agreed there."""
        where = urlsplit(begun[1]["location"])
        status, headers, _ = await http(where.port or 0, "GET", f"{where.path}?{where.query}")
        assert status == 302
        assert headers["location"].startswith(URL + CALLBACK)
        return headers["location"].removeprefix(URL)

    async def sign_in(self, page: str = "/dispatch", **headers: str) -> Answer:
        """All of it; the last answer."""
        answer = await self.begin(page)
        return answer if answer[0] != 303 else await self.get(await self.back(answer), **headers)


def set_cookies(headers: dict[str, str]) -> list[str]:
    return [line for line in headers.get("set-cookie", "").split("\n") if line]


def secret_in(folder: Path) -> Path:
    path = folder / "oidc.secret"
    path.write_text(p.SECRET)
    path.chmod(0o600)
    return path


def city_of(provider: p.Provider, folder: Path) -> CityFile:
    return replace(OWN, oidc=Oidc(provider.issuer, p.CLIENT, ROLES, secret_in(folder)))


@contextlib.asynccontextmanager
async def standing(url: str, folder: Path) -> AsyncIterator[Browser]:
    """A hub and its city's provider, as one browser meets them."""
    with p.standing_provider() as provider:
        provider.redirect_uris, provider.left_uris = {URL + CALLBACK}, {URL + ENDED}
        city = city_of(provider, folder)
        async with running_hub(url, settings=Settings(public_url=URL), city=city) as hub:
            yield Browser(hub, provider)


def edit(city: p.Provider, **more: Any) -> None:
    """Change these claims of every token."""
    city.edit = lambda claims: {**claims, **more}
