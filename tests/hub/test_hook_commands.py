"""`kentongan webhook` and `kentongan enrol service --webhook`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.cli import main
from hub.hooks import Hooks
from hub.keys import Keys
from hub.store import Store
from tests.support.hooks import URL, item, leases, put
from tests.support.live import opened

HEAD = Keys("35.76").head
HOOK = "https://toko.example/hook"


@pytest.fixture
def url(store_url: str) -> str:
    """A real city's store on which a hub has run."""
    with redis.Redis.from_url(store_url) as client:
        client.hset(HEAD, mapping={"kind": "real", "version": 1, "base": "https://kentongan.example"})
    return store_url


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence of a command that does nothing."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kentongan: ")
    assert err.count("\n") == 1
    return err


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command printed, as JSON."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def with_store(url: str, act: Callable[[Store], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with opened(url) as (store, _):
            return await act(store)

    return asyncio.run(run())


def person_of(capsys: pytest.CaptureFixture[str], url: str) -> str:
    return str(said(capsys, "enrol", "service", "--name", "Kasir", "--store", url)["person"])


def test_a_service_is_enrolled_with_its_webhook(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One command: the code for the other system, and the secret once."""
    made = said(capsys, "enrol", "service", "--name", "Kasir", "--store", url, "--webhook", HOOK)
    assert set(made) == {"person", "role", "code", "url", "expires_at", "webhook"}
    assert set(made["webhook"]) == {"url", "secret"}
    assert made["webhook"]["url"] == HOOK
    (standing,) = said(capsys, "webhook", "list", "--store", url)
    assert (standing["person"], standing["name"], standing["url"]) == (made["person"], "Kasir", HOOK)
    assert "secret" not in standing
    lines = printed(capsys, "enrol", "service", "--name", "B", "--store", url, "--webhook", HOOK).splitlines()
    assert lines[0].startswith("https://kentongan.example/#masuk=")
    assert lines[1].startswith("person ")
    assert lines[2].startswith("secret ")
    assert "webhook" not in said(capsys, "enrol", "service", "--name", "C", "--store", url)


def test_a_service_account_gets_a_fresh_code(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sign-in ends after 90 days, the account does not: its orders and its webhook stay its own."""
    person = person_of(capsys, url)
    again = said(capsys, "enrol", "service", "--name", "Kasir", "--store", url, "--person", person)
    assert again["person"] == person
    arguments = ("enrol", "service", "--name", "Kasir", "--store", url, "--person", "nobody")
    assert "no service account" in refused(capsys, *arguments)
    assert "is nobody who was enrolled here" in refused(
        capsys, "enrol", "medic", "--name", "A", "--store", url, "--person", person
    )
    assert "takes no --webhook" in refused(capsys, "enrol", "medic", "--name", "A", "--store", url, "--webhook", HOOK)


def test_nobody_is_enrolled_with_a_webhook_that_is_none(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused before the enrolment."""
    assert "url: expected" in refused(
        capsys, "enrol", "service", "--name", "Kasir", "--store", url, "--webhook", "toko.example"
    )
    with redis.Redis.from_url(url) as client:
        assert client.exists(Keys("35.76").services) == 0


def test_a_webhook_is_set_listed_and_removed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The secret is printed once; the list says how it does; after `remove` it is gone."""
    person = person_of(capsys, url)
    assert printed(capsys, "webhook", "list", "--store", url) == "no webhooks\n"
    made = said(capsys, "webhook", "set", person, "--to", HOOK, "--store", url)
    assert (made["person"], made["url"], len(made["secret"])) == (person, HOOK, 43)
    line = printed(capsys, "webhook", "set", person, "--to", HOOK, "--store", url)
    assert line.startswith("secret ")
    assert made["secret"] not in line
    listed = printed(capsys, "webhook", "list", "--store", url)
    assert listed == f"{person} 'Kasir' -> {HOOK}: nothing sent yet; 0 waiting, 0 dead\n"
    assert said(capsys, "webhook", "remove", person, "--store", url) == {"person": person, "waiting": 0, "dead": 0}
    assert said(capsys, "webhook", "list", "--store", url) == []


def test_dead_letters_are_listed_and_replayed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one account or of all; by id or all of them."""
    person = person_of(capsys, url)
    said(capsys, "webhook", "set", person, "--to", HOOK, "--store", url)
    assert printed(capsys, "webhook", "dead", "--store", url) == "no dead letters\n"

    async def die(store: Store) -> None:
        hooks = Hooks(store)
        await put(hooks, *(item(person, number) for number in range(1, 4)))
        for _ in range(3):
            (one,) = await leases(hooks, person)
            await hooks.settle(one, "dead", "it answered 410")

    with_store(url, die)
    letters = said(capsys, "webhook", "dead", person, "--store", url)
    assert [letter["id"] for letter in letters] == ["e.1.0", "e.2.0", "e.3.0"]
    assert letters == said(capsys, "webhook", "dead", "--store", url)
    assert set(letters[0]) == {"person", "id", "kind", "thing", "attempts", "error", "since", "at"}
    lines = printed(capsys, "webhook", "dead", "--store", url).splitlines()
    assert lines[0].startswith(f"{person} e.1.0 order.placed o1: 1 attempt, the last: it answered 410; dead since 20")
    assert "the last try failed" in printed(capsys, "webhook", "list", "--store", url)
    assert "expected a dead letter" in refused(capsys, "webhook", "replay", person, "e.9.0", "--store", url)
    replayed = said(capsys, "webhook", "replay", person, "e.2.0", "--store", url)
    assert replayed == {"person": person, "replayed": 1}
    assert printed(capsys, "webhook", "replay", person, "--store", url) == "2 put back\n"
    assert printed(capsys, "webhook", "remove", person, "--store", url) == (
        "removed; with it 3 waiting and 0 dead letters\n"
    )


@pytest.mark.parametrize("to", ["", "toko.example", "ftp://toko.example", "http://", "https://a:b@toko.example/"])
def test_a_url_that_is_none_is_one_sentence(to: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the field, and what was expected."""
    person = person_of(capsys, url)
    assert "url: expected" in refused(capsys, "webhook", "set", person, "--to", to, "--store", url)


def test_a_private_address_needs_the_setting(
    valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a real city; the sentence names the setting. The demo's receivers are on this machine."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(HEAD, mapping={"kind": "real", "version": 1, "base": "https://kentongan.example"})
    person = person_of(capsys, valkey_url)
    arguments = ("webhook", "set", person, "--to", URL, "--store", valkey_url)
    assert "KENTONGAN_WEBHOOK_PRIVATE" in refused(capsys, *arguments)
    monkeypatch.setenv("KENTONGAN_WEBHOOK_PRIVATE", "true")
    assert said(capsys, *arguments)["url"] == URL
    monkeypatch.delenv("KENTONGAN_WEBHOOK_PRIVATE")
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(HEAD, "kind", "demo")
    assert said(capsys, *arguments)["url"] == URL


def test_who_is_no_service_account_is_named(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A medic has no webhook; nor has nobody."""
    medic = said(capsys, "enrol", "medic", "--name", "Ani", "--store", url)["person"]
    assert "expected a service account" in refused(capsys, "webhook", "set", medic, "--to", HOOK, "--store", url)
    for verb in ("dead", "replay", "remove"):
        assert "expected one with a webhook" in refused(capsys, "webhook", verb, medic, "--store", url)


@pytest.mark.parametrize(
    "arguments", [[], ["paint"], ["set"], ["set", "p"], ["replay"], ["remove"], ["list", "--store", "a", "--data", "b"]]
)
def test_wrong_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What the command line does not know is refused with a word on it."""
    with pytest.raises(SystemExit) as ended:
        main(["webhook", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_without_a_store_nothing_is_done(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One sentence."""
    assert "nothing runs in" in refused(capsys, "webhook", "list", "--data", str(tmp_path))
    assert "cannot be asked" in refused(capsys, "webhook", "list", "--store", f"unix://{tmp_path}/none")
