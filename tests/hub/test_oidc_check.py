"""Whether staff could sign in by the city's account: said before they try."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from hub.oidc_check import secret_flaw, unready, why_silent
from hub.oidc_table import Oidc, Post
from tests.support import provider as p
from tests.support.processes import free_ports

URL = "https://kota.example"


def test_a_city_that_is_ready_has_nothing_to_hear(tmp_path: Path) -> None:
    """Nor one that has no such account."""
    secret = tmp_path / "s"
    secret.write_text("x")
    secret.chmod(0o600)
    with p.standing_provider() as city:
        oidc = Oidc(city.issuer, p.CLIENT, {"a": Post("admin")}, secret)
        assert list(unready(oidc, URL)) == []
        assert list(unready(None, "")) == []
        assert secret_flaw(replace(oidc, secret_file=None)) is None


def test_all_that_stands_in_the_way_is_named(tmp_path: Path) -> None:
    """No address, no secret, nobody there: each with what comes of it."""
    oidc = Oidc(f"http://127.0.0.1:{free_ports()}", p.CLIENT, {"a": Post("admin")}, tmp_path / "s")
    found = list(unready(oidc, ""))
    assert [one.what for one in found] == ["KENTONGAN_PUBLIC_URL", "oidc.secret_file", "oidc.issuer"]
    assert all(one.level == "phone" and one.why.endswith("by one-time links alone meanwhile") for one in found)
    assert "no connection" in (why_silent(oidc) or "")
