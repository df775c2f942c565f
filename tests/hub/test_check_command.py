"""`kentongan check`: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis

from hub.cli import main
from hub.keys import Keys
from tests.support.certificates import DAY, Authority
from tests.support.neighbour import city_file
from tests.support.processes import free_ports
from tests.support.servers import running_store

HEAD = Keys("35.76").head


def test_a_good_store_is_ok_and_phones_are_told_what_they_miss(
    valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 and `ok` first; an address on this machine alone is said and changes no code."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(HEAD, mapping={"kind": "real", "version": 1, "base": "http://127.0.0.1:8000"})
    assert main(["check", "--store", valkey_url]) == 0
    verdict, phones = capsys.readouterr().out.splitlines()
    assert verdict == "ok: every commit is on disk before it is answered"
    assert phones.startswith("phones: KENTONGAN_PUBLIC_URL is 'http://127.0.0.1:8000', expected 'https://...': ")


def test_what_loses_is_told_from_what_is_slow(capsys: pytest.CaptureFixture[str]) -> None:
    """1 for both; the verdict says whether an acknowledgement could be lost."""
    with running_store() as server, redis.Redis.from_url(server.url) as client:
        client.config_set("save", "60 1")
        assert main(["check", "--store", server.url]) == 1
        assert "\nnot ready\n" in capsys.readouterr().out
        client.config_set("appendfsync", "everysec")
        assert main(["check", "--store", server.url]) == 1
        assert "\nnot ready: what is accepted there could be lost\n" in capsys.readouterr().out


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for a program: verdicts, the server, and each finding in its parts."""
    with running_store(durable=False) as server:
        assert main(["check", "--store", server.url, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["loses"]) == (False, True)
    assert said["server"].startswith("valkey ")
    first, phone = said["findings"]
    assert set(first) == {"level", "what", "found", "wanted", "why"}
    assert (first["level"], first["what"], first["found"]) == ("lost", "appendfsync", "everysec")
    assert (phone["level"], phone["what"], phone["found"]) == ("phone", "KENTONGAN_PUBLIC_URL", "not set")


def test_the_setting_for_replicas_counts(
    valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` is asked with the settings that the hubs run with."""
    monkeypatch.setenv("KENTONGAN_REPLICAS", "1")
    assert main(["check", "--store", valkey_url]) == 1
    assert "number of replicas is '0', expected '1'" in capsys.readouterr().out


def test_a_certificate_that_phones_will_refuse_is_said(
    valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that ends tomorrow, and one that cannot be used: in the sentence of the start."""
    authority = Authority(tmp_path)
    pair = authority.issue("kota.example", ends=DAY + DAY / 2)
    monkeypatch.setenv("KENTONGAN_TLS_CERT", pair.cert)
    monkeypatch.setenv("KENTONGAN_TLS_KEY", pair.key)
    assert main(["check", "--store", valkey_url]) == 0
    assert f"phones: KENTONGAN_TLS_CERT is '{pair.cert}', expected 'one that lasts'" in (
        said := capsys.readouterr().out
    )
    assert "expires tomorrow" in said
    authority.issue("kota.example", ends=-DAY / 2)
    assert main(["check", "--store", valkey_url]) == 0
    assert "expired on" in capsys.readouterr().out


def test_a_provider_that_is_away_is_said(
    valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of the city that the file says; nothing of the store is wrong, and links still work."""
    monkeypatch.setenv("KENTONGAN_PUBLIC_URL", "https://kota.invalid")
    roles = '[oidc.roles]\nmedis = { role = "medic" }\n'
    issuer = f"http://127.0.0.1:{free_ports()}/realms/kota"
    path = city_file(tmp_path, more=f'[oidc]\nissuer = "{issuer}"\nclient_id = "k"\n{roles}')
    assert main(["check", "--store", valkey_url, "--city", str(path)]) == 0
    said = next(line for line in capsys.readouterr().out.splitlines() if "oidc" in line)
    assert said.startswith(f"phones: oidc.issuer is '{issuer}', expected 'a provider that can be asked': ")
    assert said.endswith("no connection: Connection refused; staff sign in by one-time links alone meanwhile")
