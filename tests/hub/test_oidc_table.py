"""The city's own account as its file says it, and the client's secret beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import StartError
from hub.oidc_table import Oidc, Post, made, secret_of


def test_a_table_is_made_of_its_keys(tmp_path: Path) -> None:
    """Groups stay in the file's order; the secret lies beside the city's file."""
    values = {
        "issuer": "https://a",
        "client_id": "k",
        "secret_file": "s",
        "roles.b": Post("medic"),
        "roles.a": Post("admin"),
    }
    table = made(values, tmp_path)
    assert list(table.roles) == ["b", "a"]
    assert (table.secret_file, table.groups_claim, table.max_session_h) == (tmp_path / "s", "groups", 12)
    assert made({"issuer": "https://a", "client_id": "k"}, tmp_path) == Oidc("https://a", "k", {})


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_secret_is_one_line(tmp_path: Path, mode: int) -> None:
    """Whoever ends it with a new line gets the same; its group may read it."""
    path = tmp_path / "s"
    path.write_text("very secret\n")
    path.chmod(mode)
    assert secret_of(path) == "very secret"


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (b"very secret", 0o644, "mode 644: expected 600"),
        (b"very secret", 0o660, "mode 660: expected 600"),
        (b"", 0o600, "expected one line"),
        (b"two\nlines", 0o600, "expected one line"),
        (b"\xff\xfe", 0o600, "expected text"),
        (None, 0, "cannot be read: No such file"),
    ],
)
def test_a_secret_that_is_none_is_named(tmp_path: Path, text: bytes | None, mode: int, says: str) -> None:
    """With its file; never with what stands in it."""
    path = tmp_path / "s"
    if text is not None:
        path.write_bytes(text)
        path.chmod(mode)
    with pytest.raises(StartError) as failed:
        secret_of(path)
    assert str(failed.value).startswith(f"the secret {path}")
    assert says in str(failed.value)
    assert "very" not in str(failed.value)
