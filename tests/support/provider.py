"""An OpenID provider on a real local socket, with keys of its own, as good or as bad as a test wants it."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from hub.oidc_state import challenge_of

CLIENT: Final = "kentongan"
SECRET: Final = "a secret/with: signs"
GROUPS: Final = "groups"

Claims = dict[str, Any]
Sign = Callable[[Claims], str]


@cache
def _rsa_key(which: int, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, bits)


def rsa_key(which: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same one for the whole run: making one takes a while."""
    return _rsa_key(which, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed_rs256(claims: Claims, kid: str | None = "rsa-0", which: int = 0) -> str:
    return jwt.encode(claims, rsa_key(which), "RS256", {} if kid is None else {"kid": kid})


def signed_es256(claims: Claims) -> str:
    return jwt.encode(claims, ec_key(), "ES256", {"kid": "ec-0"})


def unsigned(claims: Claims) -> str:
    """`alg: none` (RFC 7518 section 3.6)."""
    return jwt.encode(claims, "", "none", {"kid": "rsa-0"})


def signed_by_public_key(claims: Claims) -> str:
    """HS256 with the published key as its secret: the old confusion (RFC 8725 section 2.1)."""
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (_b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", "kid": "rsa-0"}, claims))
    return f"{head}.{body}.{_b64(hmac.digest(public, f'{head}.{body}'.encode(), 'sha256'))}"


def tampered(claims: Claims) -> str:
    """Signed, and changed afterwards."""
    head, body, mac = signed_rs256(claims).split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return ".".join((head, _b64(json.dumps({**told, GROUPS: ["admin"]}).encode()), mac))


def jwks() -> list[dict[str, Any]]:
    """What it publishes, and some of what others publish as well and nobody may use here."""
    rows = [
        {**RSAAlgorithm.to_jwk(rsa_key().public_key(), as_dict=True), "kid": "rsa-0"},
        {**ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True), "kid": "ec-0"},
    ]
    return [*rows, {"kty": "oct", "k": _b64(b"x" * 32), "kid": "oct-0"}, {**rows[0], "kid": "enc-0", "use": "enc"}]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Provider:
    """The provider.

    Attributes:
        person: the claims of whoever signs in there.
        edit: the last word on an ID token's claims; sign: how it is signed.
        discovery: the last word on the discovery document. keys: what it publishes.
        apart: claims that stand in no ID token: `userinfo` alone says them.
        told: the last word on what `userinfo` says.
        answers: path -> (status, headers, body) in place of its own.
        silent: paths that are not answered until the provider ends.
        ends: whether it has an end-session endpoint; who may be sent back from there: left_uris.
        asks: whether it shows a page with a button, as one that asks for a password does.
        asked: (path, parameters, headers) of every request.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.person: Claims = {"sub": "u-17", "name": "Endah Lestari", GROUPS: ["pusat-medis"]}
        self.edit: Callable[[Claims], Claims] = lambda claims: claims
        self.discovery: Callable[[Claims], Claims] = lambda document: document
        self.sign: Sign = signed_rs256
        self.keys = jwks()
        self.apart: tuple[str, ...] = ()
        self.told: Callable[[Claims], Claims] = lambda claims: claims
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.silent: set[str] = set()
        self.asks = self.ends = False
        self.left_uris: set[str] = set()
        self.redirect_uris: set[str] = set()
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.ended = threading.Event()
        self._codes: dict[str, dict[str, str]] = {}
        self._accesses: set[str] = set()
        self._server = Server((host, 0), _handler(self))
        self.issuer = f"http://{host}:{self._server.server_port}/realms/kota"
        self.serve = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def end(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def count(self, path: str) -> int:
        return sum(one == path for one, _, _ in self.asked)

    def document(self) -> Claims:
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        endpoints |= {"userinfo_endpoint": "/userinfo"} if self.apart else {}
        endpoints |= {"end_session_endpoint": "/logout"} if self.ends else {}
        own = {name: self.issuer + path for name, path in endpoints.items()}
        return self.discovery({"issuer": self.issuer, **own, "code_challenge_methods_supported": ["plain", "S256"]})

    def authorize(self, told: dict[str, str]) -> str:
        """Where the person is sent back to.

        Raises:
            AssertionError: the question is not one that a careful provider takes.
        """
        assert told["redirect_uri"] in self.redirect_uris, told
        assert (told["client_id"], told["response_type"]) == (CLIENT, "code")
        assert "openid" in told["scope"].split()
        assert told["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = told
        return f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state'], 'iss': self.issuer})}"

    def logout(self, told: dict[str, str]) -> str:
        """Where the person is sent back to (OpenID Connect RP-Initiated Logout 1.0, sections 2 and 3).

        Raises:
            AssertionError: the question is not one that a careful provider takes.
        """
        assert told["client_id"] == CLIENT
        assert told["post_logout_redirect_uri"] in self.left_uris, told
        return f"{told['post_logout_redirect_uri']}?{urlencode({'state': told['state']})}"

    def token(self, told: dict[str, str], credentials: str) -> tuple[int, Claims]:
        """The answer of the token endpoint (RFC 6749 sections 4.1.3, 5.2; RFC 7636 section 4.6)."""
        basic = base64.b64encode(f"{quote(CLIENT, safe='')}:{quote(SECRET, safe='')}".encode()).decode()
        if credentials != f"Basic {basic}" and told.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        begun = self._codes.pop(told.get("code", ""), None)
        if begun is None or told.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        if begun["redirect_uri"] != told.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        if challenge_of(told.get("code_verifier", "")) != begun["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(24)
        self._accesses.add(access)
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.sign(self.claims(begun["nonce"]))}

    def claims(self, nonce: str) -> Claims:
        now = int(time.time())
        own = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        said = {name: value for name, value in self.person.items() if name not in self.apart}
        return self.edit({**own, **said})

    def userinfo(self, credentials: str) -> tuple[int, Claims]:
        """The answer of the userinfo endpoint (RFC 6750 section 3.1); an access token is good for one question."""
        kind, _, access = credentials.partition(" ")
        if kind != "Bearer" or access not in self._accesses:
            return 401, {"error": "invalid_token"}
        self._accesses.discard(access)
        return 200, self.told(dict(self.person))


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer(unquote(parts.path), _flat(parts.query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer(urlsplit(self.path).path, _flat(body))

        def _answer(self, path: str, told: dict[str, str]) -> None:
            name = path.removeprefix("/realms/kota")
            provider.asked.append((name, told, {key.lower(): value for key, value in self.headers.items()}))
            if name in provider.silent:
                provider.ended.wait(20)
            elif name in provider.answers:
                self._say(*provider.answers[name])
            elif name == "/.well-known/openid-configuration":
                self._json(200, provider.document())
            elif name == "/jwks":
                self._json(200, {"keys": provider.keys})
            elif name == "/token":
                self._json(*provider.token(told, self.headers.get("authorization", "")))
            elif name == "/userinfo":
                self._json(*provider.userinfo(self.headers.get("authorization", "")))
            elif name == "/authorize":
                self._asked_person(provider.authorize(told), "yes", "Masuk")
            elif name == "/logout":
                self._asked_person(provider.logout(told), "out", "Keluar")
            else:
                self._say(404, {}, b"")

        def _asked_person(self, back: str, id_: str, word: str) -> None:
            if not provider.asks:
                self._say(302, {"Location": back}, b"")
                return
            page = (
                f'<!doctype html><html lang="id"><title>Akun kota</title><a id="{id_}" href="{back}">{word}</a></html>'
            )
            self._say(200, {"Content-Type": "text/html; charset=utf-8"}, page.replace("&", "&amp;").encode())

        def _json(self, status: int, told: Claims) -> None:
            self._say(status, {"Content-Type": "application/json"}, json.dumps(told).encode())

        def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
            with contextlib.suppress(ConnectionError):  # whoever asked may have had enough
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

    return Handler


def _flat(query: str) -> dict[str, str]:
    """One value each; a provider refuses a parameter that comes twice (RFC 6749 section 3.1)."""
    return {key: values[0] for key, values in parse_qs(query, keep_blank_values=True).items() if len(values) == 1}


@contextlib.contextmanager
def standing_provider(host: str = "127.0.0.1") -> Iterator[Provider]:
    """A provider for the length of a block."""
    provider = Provider(host)
    provider.serve.start()
    try:
        yield provider
    finally:
        provider.end()
        provider.serve.join(5)
