"""Staff sign in by the city's own account: the whole way through a real provider, and every way in that is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hub import fetch, oidc
from hub.closing import SIGNED_OUT
from hub.identity import digest_of
from hub.oidc import BURST
from hub.oidc_people import HOUR_MS, person_of
from hub.oidc_state import LASTS_MS, begun, challenge_of, sealed
from hub.settings import Settings
from tests.support import provider as p
from tests.support.city_account import (
    CALLBACK,
    END,
    ENDED,
    START,
    URL,
    Answer,
    Browser,
    city_of,
    edit,
    set_cookies,
    standing,
)
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import on_loop, running_hub


def refused(answer: Answer, status: int, code: str, reason: str) -> None:
    """A code, a sentence, the reason, and no session."""
    got, headers, body = answer
    assert (got, body["code"], body["data"]["reason"]) == (status, code, reason), body
    assert body["message"]
    assert not [line for line in set_cookies(headers) if not line.startswith("kt_oidc=")]


async def nobody_came(browser: Browser) -> None:
    store, city = browser.hub.store, browser.city
    person = person_of(store.secret, city.issuer, city.person["sub"])
    assert await browser.hub.node.identity.sessions(person) == []


@on_loop
async def test_a_dispatcher_signs_in(valkey_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Out with PKCE, state and nonce, back once, in with the role's cookie: the way that the standard draws."""
    caplog.set_level(logging.DEBUG)
    async with standing(valkey_url, tmp_path) as browser:
        out = await browser.begin()
        asked = {key: values[0] for key, values in parse_qs(urlsplit(out[1]["location"]).query).items()}
        assert out[0] == 303
        assert out[1]["location"].startswith(browser.city.issuer + "/authorize?")
        assert (asked["redirect_uri"], asked["scope"]) == (URL + CALLBACK, "openid profile")
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        (cookie,) = set_cookies(out[1])
        for part in ("kt_oidc=", "HttpOnly", "SameSite=lax", "Path=/v1/oidc", "Max-Age=600"):
            assert part in cookie
        status, headers, _ = await browser.get(await browser.back(out))
        assert (status, headers["location"], headers["cache-control"]) == (303, "/dispatch", "no-store")
        role, ends, came, gone = set_cookies(headers)
        assert role.startswith("kt_dispatcher=k1.35.76.")
        for part in ("HttpOnly", "SameSite=strict", "Path=/;"):
            assert part in role + ";"
        assert came.startswith("kt_as=dispatcher;")
        assert "Path=/dispatch" in ends
        assert gone.startswith('kt_oidc="";')
        token = browser.cookies["kt_dispatcher"]
        signed_in = await browser.hub.node.identity.resolve(token)
        assert signed_in is not None
        assert (signed_in.actor.desk, signed_in.actor.name) == ("medic", "Endah Lestari")
        assert ends.startswith(f"kt_ends={signed_in.expires_at};")
        assert abs(signed_in.expires_at - browser.hub.store.now() - 12 * HOUR_MS) < 10_000
        told = next(told for path, told, _ in browser.city.asked if path == "/token")
        assert challenge_of(told["code_verifier"]) == asked["code_challenge"]
        assert not [secret for secret in (token, told["code"], p.SECRET) if secret in caplog.text]


FAULTS: dict[str, tuple[str, Callable[[p.Provider], None]]] = {
    "wrong nonce": ("nonce", lambda city: edit(city, nonce="x")),
    "wrong issuer": ("issuer", lambda city: edit(city, iss="https://evil.example")),
    "wrong audience": ("audience", lambda city: edit(city, aud="another")),
    "another party": ("audience", lambda city: edit(city, azp="another")),
    "expired": ("expired", lambda city: edit(city, exp=1_700_000_000)),
    "from the future": ("early", lambda city: edit(city, iat=9_000_000_000, exp=9_000_000_300)),
    "alg none": ("algorithm", lambda city: setattr(city, "sign", p.unsigned)),
    "HS256 by the public key": ("algorithm", lambda city: setattr(city, "sign", p.signed_by_public_key)),
    "unknown kid": ("key", lambda city: setattr(city, "sign", lambda claims: p.signed_rs256(claims, kid="rsa-9"))),
    "another's key": ("signature", lambda city: setattr(city, "sign", lambda claims: p.signed_rs256(claims, which=1))),
    "changed": ("signature", lambda city: setattr(city, "sign", p.tampered)),
    "no group": ("groups", lambda city: edit(city, groups=[])),
    "an unknown group": ("groups", lambda city: edit(city, groups=["tamu"])),
    "no name": ("name", lambda city: apart(city, told=lambda told: {**told, "name": ""}, edited={"name": ""})),
    "a huge answer": ("provider", lambda city: city.answers.update({"/token": (200, {}, b"x" * 300_000)})),
    "500": ("provider", lambda city: city.answers.update({"/token": (500, {}, b"")})),
    "redirect elsewhere": (
        "provider", lambda city: city.answers.update({"/token": (307, {"Location": "https://evil.example/"}, b"")}),
    ),
    "slow": ("provider", lambda city: city.silent.add("/token")),
    "userinfo of another": ("subject", lambda city: apart(city, told=lambda told: {**told, "sub": "u-18"})),
    "no group in userinfo": ("groups", lambda city: apart(city, told=lambda told: {**told, "groups": []})),
    "a huge userinfo": ("provider", lambda city: apart(city, {"/userinfo": (200, {}, b"x" * 300_000)})),
    "userinfo 500": ("provider", lambda city: apart(city, {"/userinfo": (500, {}, b"")})),
    "slow userinfo": ("provider", lambda city: apart(city, silent={"/userinfo"})),
}  # fmt: skip


def apart(
    city: p.Provider,
    answers: dict[str, tuple[int, dict[str, str], bytes]] | None = None,
    told: Callable[[p.Claims], p.Claims] = lambda claims: claims,
    silent: Iterable[str] = (),
    edited: p.Claims | None = None,
) -> None:
    """The groups stand in userinfo alone, which misbehaves so; the token's other claims are edited."""
    city.apart, city.told = ("groups",), told
    city.answers.update(answers or {})
    city.silent.update(silent)
    edit(city, **(edited or {}))


@on_loop
async def test_whatever_is_not_as_it_must_be_ends_without_a_session(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its own reason; then the same browser comes in when the provider is well again."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.discovery = lambda told: {**told, "userinfo_endpoint": f"{browser.city.issuer}/userinfo"}
        await browser.begin()
        for name, (reason, spoil) in FAULTS.items():
            spoil(browser.city)
            monkeypatch.setattr(fetch, "WITHIN_S", 0.3 if browser.city.silent else 20.0)
            answer = await browser.sign_in()
            unwell = reason == "provider"
            assert answer[2]["data"]["reason"] == reason, name
            refused(answer, 503 if unwell else 403, "unavailable" if unwell else "not_allowed", reason)
            await nobody_came(browser)
            browser.city.edit, browser.city.sign = lambda claims: claims, p.signed_rs256
            browser.city.answers.clear()
            browser.city.silent.clear()
            browser.city.apart, browser.city.told = (), lambda claims: claims
        monkeypatch.setattr(fetch, "WITHIN_S", 20.0)
        assert "groups" in (await said_without_group(browser))
        assert (await browser.sign_in())[0] == 303


@on_loop
async def test_groups_and_name_may_stand_in_userinfo(valkey_url: str, tmp_path: Path) -> None:
    """Asked with the access token when the ID token has none, and only then; its groups are as good."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.apart = ("groups", "name")
        assert (await browser.sign_in())[0] == 303
        signed_in = await browser.hub.node.identity.resolve(browser.cookies["kt_dispatcher"])
        assert signed_in is not None
        assert (signed_in.actor.desk, signed_in.actor.name) == ("medic", "Endah Lestari")
        assert browser.city.count("/userinfo") == 1
        edit(browser.city, groups=["pusat-pasar"], name="Endah")
        await browser.sign_in()
        edit(browser.city, groups=[], name="Endah")
        refused(await browser.sign_in(), 403, "not_allowed", "groups")
        assert browser.city.count("/userinfo") == 1


async def said_without_group(browser: Browser) -> str:
    edit(browser.city, groups=["tamu"])
    _, _, body = await browser.sign_in()
    edit(browser.city)
    return str(body["message"])


@on_loop
async def test_a_provider_that_is_away_is_said_and_links_still_work(valkey_url: str, tmp_path: Path) -> None:
    """503 with words; a one-time link signs in all the same."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.answers["/.well-known/openid-configuration"] = (500, {}, b"")
        answer = await browser.begin()
        refused(answer, 503, "unavailable", "provider")
        assert "one-time links still work" in answer[2]["message"]
        assert (await browser.hub.staff("dispatcher", desk="medic")).token


PAGES = (
    *("", "/", "/shop", "/demo", "dispatch", "//evil.example", "https://evil.example/dispatch", "/dispatch//evil"),
    *("/dispatch%0d%0aLocation:%20https://evil.example", "/dispatch/../shop", "/%2fevil.example"),
)


@on_loop
async def test_only_a_page_of_the_staff_is_opened(valkey_url: str, tmp_path: Path) -> None:
    """400, and nobody is sent anywhere: there is no open redirect. The pages are told which there are."""
    async with standing(valkey_url, tmp_path) as browser:
        for page in PAGES:
            answer = await browser.begin(page)
            refused(answer, 400, "bad_data", "page")
            assert "location" not in answer[1]
        assert (await http(browser.hub.port, "GET", "/v1/config"))[2]["city_sign_in"] == ["/dispatch", "/medic"]


@on_loop
async def test_nobody_is_sent_to_what_host_or_a_header_says(valkey_url: str, tmp_path: Path) -> None:
    """The address to come back to is the city's own, whichever of its names was asked; from there to a path alone."""
    async with standing(valkey_url, tmp_path) as browser:
        for headers in ({"Host": "localhost"}, {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}):
            _, answered, _ = await browser.get(f"{START}?page=/dispatch", **headers)
            assert f"redirect_uri={'https%3A%2F%2Fkota.example'}%2Fv1%2Foidc%2Fcallback" in answered["location"]
        assert (await browser.get(f"{START}?page=/dispatch", Host="evil.example"))[0] == 403
        path = await browser.back(await browser.begin())
        assert (await browser.get(path + "&page=//evil.example&next=https://evil.example"))[1][
            "location"
        ] == "/dispatch"


@on_loop
async def test_what_another_browser_began_signs_nobody_in(valkey_url: str, tmp_path: Path) -> None:
    """Login CSRF: somebody else's code and state, with no cookie, with one's own, or with a made-up one."""
    async with standing(valkey_url, tmp_path) as theirs:
        path = await theirs.back(await theirs.begin())
        mine = Browser(theirs.hub, theirs.city)
        refused(await mine.get(path), 403, "not_allowed", "state")
        await mine.begin()
        refused(await mine.get(path), 403, "not_allowed", "state")
        mine.cookies["kt_oidc"] = sealed(
            b"another key", begun(parse_qs(urlsplit(path).query)["state"][0], "/dispatch", 1)
        )
        refused(await mine.get(path), 403, "not_allowed", "state")
        assert theirs.city.count("/token") == 0
        assert (await theirs.get(path))[0] == 303  # and whose it is comes in


@on_loop
async def test_a_sign_in_is_begun_on_a_page_of_ours(valkey_url: str, tmp_path: Path) -> None:
    """Another site cannot begin one in somebody's browser."""
    async with standing(valkey_url, tmp_path) as browser:
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)):
            answer = await browser.get(f"{START}?page=/dispatch", **{"Sec-Fetch-Site": site})
            assert answer[0] == status, site


@on_loop
async def test_a_way_back_is_good_once_and_for_ten_minutes(valkey_url: str, tmp_path: Path) -> None:
    """At whichever hub it comes a second time, with the same cookie."""
    async with standing(valkey_url, tmp_path) as browser:
        path = await browser.back(await browser.begin())
        kept = dict(browser.cookies)
        assert (await browser.get(path))[0] == 303
        browser.cookies = dict(kept)
        refused(await browser.get(path), 403, "not_allowed", "state")
        city = city_of(browser.city, tmp_path)
        async with running_hub(valkey_url, settings=Settings(public_url=URL), city=city) as second:
            other = Browser(second, browser.city)
            other.cookies = dict(kept)
            refused(await other.get(path), 403, "not_allowed", "state")
        late = begun("s" * 43, "/dispatch", browser.hub.store.now() - LASTS_MS - 1)
        browser.cookies["kt_oidc"] = sealed(browser.hub.store.secret, late)
        refused(await browser.get(f"{CALLBACK}?code=c&state={'s' * 43}"), 403, "not_allowed", "state")


ANSWERS = {
    "error=access_denied&error_description=<script>": "declined",
    "error=<script>": "declined",
    "code=c&iss=https://evil.example": "issuer",
    "iss=ISSUER": "code",
    f"code={'c' * 5000}": "code",
    "code=made-up": "code",
}


@on_loop
async def test_an_answer_that_is_no_code_is_refused(valkey_url: str, tmp_path: Path) -> None:
    """The person said no, another issuer's answer was mixed in (RFC 9207), or there is no code; nothing is echoed."""
    async with standing(valkey_url, tmp_path) as browser:
        for answer, reason in ANSWERS.items():
            out = await browser.begin()
            state = parse_qs(urlsplit(out[1]["location"]).query)["state"][0]
            told = await browser.get(f"{CALLBACK}?state={state}&" + answer.replace("ISSUER", browser.city.issuer))
            refused(told, 403, "not_allowed", reason)
            assert "script" not in str(told[2])


@on_loop
async def test_a_provider_that_names_itself_must_do_so_each_time(valkey_url: str, tmp_path: Path) -> None:
    """An answer without `iss` is none of such a provider's."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.discovery = lambda told: {**told, "authorization_response_iss_parameter_supported": True}
        path = await browser.back(await browser.begin())
        refused(await browser.get(path.partition("&iss=")[0]), 403, "not_allowed", "issuer")
        assert (await browser.sign_in())[0] == 303


@on_loop
async def test_another_post_closes_the_sockets_of_the_old_one(valkey_url: str, tmp_path: Path) -> None:
    """From the medic desk to the market's: the next sign-in has the new one, and what was live is closed."""
    async with standing(valkey_url, tmp_path) as browser:
        await browser.sign_in()
        old = browser.cookies["kt_dispatcher"]
        client = await Client.open(browser.hub.port, old)
        browser.city.person = {**browser.city.person, "groups": ["pusat-pasar"]}
        await browser.sign_in()
        assert await client.closed() == SIGNED_OUT
        new = await browser.hub.node.identity.resolve(browser.cookies["kt_dispatcher"])
        assert new is not None
        assert new.actor.desk == "market"
        assert await browser.hub.node.identity.resolve(old) is None


@on_loop
async def test_the_page_is_that_of_the_persons_post(valkey_url: str, tmp_path: Path) -> None:
    """A medic who began at the desks' page is brought to the medics'; no cookie of a desk is set."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.person = {**browser.city.person, "groups": ["medis"]}
        status, headers, _ = await browser.sign_in("/dispatch")
        assert (status, headers["location"]) == (303, "/medic")
        assert {name for name in browser.cookies if browser.cookies[name]} == {"kt_medic", "kt_ends"}


@on_loop
async def test_a_browser_reads_a_page_and_a_program_a_refusal(valkey_url: str, tmp_path: Path) -> None:
    """The same status; the page names the claim and the numbers, and leads back to where it was begun."""
    async with standing(valkey_url, tmp_path) as browser:
        edit(browser.city, groups=["tamu"])
        status, headers, body = await browser.sign_in("/medic", Accept="text/html,*/*;q=0.8")
        assert (status, headers["content-type"].partition(";")[0]) == (403, "text/html")
        for part in ("klaim groups", "start?page=/medic&amp;lang=id", 'href="tel:119"', 'data-reason="groups"'):
            assert part in body.decode()
        assert "content-security-policy" in headers


@on_loop
async def test_a_refusal_is_read_in_the_language_where_it_began(valkey_url: str, tmp_path: Path) -> None:
    """The provider hears which (`ui_locales`), and the way back still knows it; one that is none is nobody's."""
    async with standing(valkey_url, tmp_path) as browser:
        edit(browser.city, groups=["tamu"])
        accepts = {"Accept": "text/html", "Accept-Language": "id"}
        out = await browser.begin("/medic&lang=en")
        assert "ui_locales=en" in out[1]["location"]
        _, _, body = await browser.get(await browser.back(out), **accepts)
        for part in ('<html lang="en">', "claim groups", "start?page=/medic&amp;lang=en"):
            assert part in body.decode()
        for lang, tongue in (("en", "en"), ("jv", "id"), ("%22%3E%3Cscript%3E", "id")):
            _, _, body = await browser.get(f"{START}?page=/shop&lang={lang}", **accepts)
            assert f'<html lang="{tongue}">' in body.decode()
            assert "script" not in body.decode()


@on_loop
async def test_so_many_from_one_address(valkey_url: str, tmp_path: Path) -> None:
    """A whole town hall comes in at once; a machine that tries without end is told to wait."""
    async with standing(valkey_url, tmp_path) as browser:
        statuses = [(await browser.begin())[0] for _ in range(BURST + 8)]
        assert statuses[:BURST] == [303] * BURST
        assert 429 in statuses
        refused(await browser.begin(), 429, "too_many", "busy")


@on_loop
async def test_a_city_without_it_has_links_alone(valkey_url: str) -> None:
    """404 at both routes, and the pages are told so; a help hub has no such route."""
    async with running_hub(valkey_url, settings=Settings(public_url=URL)) as hub:
        for path in (f"{START}?page=/dispatch", CALLBACK):
            refused(await http(hub.port, "GET", path), 404, "not_found", "off")
        assert (await http(hub.port, "GET", "/v1/config"))[2]["city_sign_in"] == []
    async with running_hub(valkey_url, kind="help") as hub:
        assert (await http(hub.port, "GET", START))[0] == 404


@on_loop
async def test_without_a_public_address_nobody_is_sent_out(
    valkey_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Never by what was asked for; the hub says it once at the start, its pages offer nothing."""
    with p.standing_provider() as provider:
        async with running_hub(valkey_url, city=city_of(provider, tmp_path)) as hub:
            refused(await http(hub.port, "GET", f"{START}?page=/dispatch"), 503, "unavailable", "setup")
            assert (await http(hub.port, "GET", "/v1/config"))[2]["city_sign_in"] == []
            assert "--public-url" in caplog.text


@on_loop
async def test_the_store_keeps_no_secret_of_a_sign_in(valkey_url: str, tmp_path: Path) -> None:
    """Only that a state was used; no code, token or verifier."""
    async with standing(valkey_url, tmp_path) as browser:
        path = await browser.back(await browser.begin())
        state = parse_qs(urlsplit(path).query)["state"][0]
        await browser.get(path)
        keys, ttl = await browser.hub.store.many(
            "normal",
            [["KEYS", browser.hub.store.keys.oidc("*")], ["TTL", browser.hub.store.keys.oidc(digest_of(state))]],
        )
        assert len(keys) == 1
        assert 600 < ttl <= 660


async def signed_out(browser: Browser, path: str = "/v1/sessions/current") -> Answer:
    return await browser.get(f"{path}?as=dispatcher", "DELETE", Origin=URL)


@on_loop
async def test_who_signs_out_may_leave_the_account_too(valkey_url: str, tmp_path: Path) -> None:
    """By themselves or at their desk's list: out at the provider by our client's name, and back to a page of ours."""
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.ends = True
        for path in ("/v1/sessions/current", "/v1/staff/PERSON/sessions/all"):
            await browser.sign_in()
            person = person_of(browser.hub.store.secret, browser.city.issuer, "u-17")
            status, _, body = await signed_out(browser, path.replace("PERSON", person))
            assert (status, body["account"]) == (200, f"{END}?page=/dispatch")
        status, headers, _ = await browser.get(body["account"] + "&lang=en")
        where = urlsplit(headers["location"])
        asked = {key: values[0] for key, values in parse_qs(where.query).items()}
        assert (status, f"{where.scheme}://{where.netloc}{where.path}") == (303, browser.city.issuer + "/logout")
        assert asked == {
            "client_id": p.CLIENT, "post_logout_redirect_uri": URL + ENDED, "state": "dispatch", "ui_locales": "en",
        }  # fmt: skip
        _, back, _ = await http(where.port or 0, "GET", f"{where.path}?{where.query}")
        assert (await browser.get(back["location"].removeprefix(URL)))[1]["location"] == "/dispatch"
        for state in ("", "/evil.example", "//evil.example", "shop", "../medic"):
            assert (await browser.get(f"{ENDED}?state={state}"))[1]["location"] == "/dispatch"


@on_loop
async def test_a_sign_out_of_anything_else_is_as_it_was(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such endpoint, a link's sign-in, somebody else's: no word of it; a provider that is away holds nobody up."""
    async with standing(valkey_url, tmp_path) as browser:
        await browser.sign_in()
        assert (await signed_out(browser))[2] == {}
        assert (await browser.get(f"{END}?page=/dispatch"))[1]["location"] == "/dispatch"
    monkeypatch.setattr(oidc, "LEAVE_S", 0.1)
    async with standing(valkey_url, tmp_path) as browser:
        browser.city.ends = True
        browser.cookies["kt_dispatcher"] = (await browser.hub.staff("dispatcher", desk="medic")).token
        assert (await signed_out(browser))[2] == {}
        assert browser.city.asked == []  # nor was the provider asked
        await browser.sign_in("/medic")
        mine = browser.cookies["kt_dispatcher"]
        browser.cookies["kt_dispatcher"] = (await browser.hub.staff("dispatcher", desk="medic")).token
        person = person_of(browser.hub.store.secret, browser.city.issuer, "u-17")
        assert (await signed_out(browser, f"/v1/staff/{person}/sessions/all"))[2] == {"revoked": 1}
        browser.cookies["kt_dispatcher"] = mine
        for site in ("cross-site", "same-site"):
            answer = await browser.get(f"{END}?page=/dispatch", **{"Sec-Fetch-Site": site})
            refused(answer, 403, "not_allowed", "elsewhere")
        refused(await browser.get(f"{END}?page=//evil.example"), 400, "bad_data", "page")
        city = city_of(browser.city, tmp_path)
        async with running_hub(valkey_url, settings=Settings(public_url=URL), city=city) as fresh:
            other = Browser(fresh, browser.city)
            browser.city.silent = {"/.well-known/openid-configuration"}
            signed = await fresh.staff("dispatcher", desk="medic", via="account")
            other.cookies["kt_dispatcher"] = signed.token
            assert (await signed_out(other))[2] == {}
            assert await fresh.node.identity.resolve(signed.token) is None
            browser.city.ended.set()
