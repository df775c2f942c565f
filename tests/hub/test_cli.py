"""The command line: what starts, what is refused in one sentence, what is printed."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from hub import check
from hub.cli import BENCHES, main
from hub.keys import Keys
from tests.support.processes import free_ports
from tests.support.servers import running_store

HEAD = Keys("35.76").head
ROOT = Path(__file__).resolve().parents[2]
HELP_OF_EACH = """
import sys
from hub.cli import main
for name in sys.argv[1:]:
    try:
        main(["bench", name, "--help"])
    except SystemExit as ended:
        assert not ended.code
"""


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence of a command that cannot start."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kentongan: ")
    assert err.count("\n") == 1
    return err


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """`kentongan --help` names every command."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    commands = "up serve work query enrol webhook seed import-shops import-trips check simulate bench"
    for command in commands.split():
        assert re.search(rf"\n    {command}\s", said)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["upp"],
        ["up", "--port", "0"],
        ["up", "--port", "65436"],
        ["up", "--port", "http"],
        ["serve"],
        ["serve", "--store", "redis://x", "--help-only", "--public-only"],
        ["query"],
        ["query", "--store", "redis://x", "--listen", "8200"],
        ["serve", "--store", "redis://x", "--query", "8200"],
        ["enrol", "mayor", "--name", "Siti"],
        ["enrol", "medic"],
        ["enrol", "dispatcher", "--name", "Siti", "--desk", "kitchen"],
        ["import-shops"],
        ["import-shops", "r.csv", "--store", "redis://x", "--data", "var/real"],
        ["bench"],
        ["bench", "nothing"],
    ],
)
def test_wrong_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What the command line does not know is refused with exit code 2 and a word on it."""
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 2
    assert capsys.readouterr().err


def test_a_benchmark_starts_from_any_folder(tmp_path: Path) -> None:
    """The installed script finds the benchmarks of its checkout, though its path holds the packages alone."""
    for package in ("hub", "channels", "clients", "workers"):
        (tmp_path / package).symlink_to(ROOT / package)
    done = subprocess.run(
        [sys.executable, "-P", "-c", HELP_OF_EACH, *BENCHES],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in BENCHES:
        assert f"kentongan bench {name} " in done.stdout


def test_a_wrong_setting_is_refused_before_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A setting that cannot be used is named, and nothing is started."""
    monkeypatch.setenv("KENTONGAN_BEAT_S", "often")
    assert "KENTONGAN_BEAT_S" in refused(capsys, "up", "--data", str(tmp_path / "real"))
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize("offset", [0, 100])
def test_a_taken_port_is_refused_before_anything(
    offset: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A port in use, the help hub's too, is named, and nothing is started."""
    port = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + offset))
        taken.listen()
        said = refused(capsys, "up", "--port", str(port), "--data", str(tmp_path / "real"))
    assert f"port {port + offset} is in use" in said
    assert not (tmp_path / "real").exists()


def test_a_folder_that_cannot_be_written_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A data folder that cannot be written is named."""
    (tmp_path / "file").write_text("")
    port = str(free_ports())
    assert "cannot be written" in refused(capsys, "up", "--port", port, "--data", str(tmp_path / "file" / "real"))


def test_demo_and_real_never_share_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder of the other kind, or of a newer version, is refused."""
    port = str(free_ports())
    (tmp_path / "kentongan.json").write_text('{"kind": "real", "format": 1}')
    said = refused(capsys, "up", "--demo", "--port", port, "--data", str(tmp_path))
    assert "holds a real city and this is the demo" in said
    (tmp_path / "kentongan.json").write_text('{"kind": "real", "format": 2}')
    assert "newer Kentongan" in refused(capsys, "up", "--port", port, "--data", str(tmp_path))


def test_no_store_for_this_platform_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without any server binary the sentence says what to install, and nothing is made."""
    monkeypatch.setattr("hub.embedded._candidates", list)
    assert "install valkey-server" in refused(capsys, "up", "--data", str(tmp_path / "real"))
    assert not (tmp_path / "real").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["seller"], "a seller is enrolled with --shop"),
        (["crew", "--desk", "van"], "a crew is enrolled with --van"),
        (["dispatcher"], "a dispatcher is enrolled with --desk"),
        (["medic", "--shop", "s01"], "a medic takes no --shop"),
        (["seller", "--shop", "", "--store", "unix:///none"], "the store at unix:///none cannot be asked"),
    ],
)
def test_a_role_is_enrolled_with_what_it_is_bound_to(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A seller has a shop, a crew a van, a dispatcher a desk, and nobody has another's."""
    role, *rest = arguments
    assert said in refused(capsys, "enrol", role, "--name", "Siti", *rest)


def test_enrolling_where_nothing_runs_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a running store there is nobody to tell; the sentence says how to start one."""
    said = refused(capsys, "enrol", "medic", "--name", "Siti", "--data", str(tmp_path))
    assert "nothing runs in" in said
    assert "kentongan up" in said


def test_enrol_prints_a_link_with_the_recorded_base(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The link begins with the address that the running hub recorded, or with `--url`."""
    with redis.Redis.from_url(store_url) as client:
        client.hset(HEAD, mapping={"kind": "real", "version": 1, "base": "https://kentongan.example"})
    assert main(["enrol", "medic", "--name", "Siti", "--store", store_url]) == 0
    assert capsys.readouterr().out.startswith("https://kentongan.example/medic#masuk=")
    arguments = ["enrol", "seller", "--name", "Sri", "--shop", "s01", "--store", store_url]
    assert main([*arguments, "--url", "https://toko.example/", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {"person", "role", "code", "url", "expires_at"}
    assert made["role"] == "seller"
    assert made["url"] == f"https://toko.example/shop#masuk={made['code']}"


def test_enrol_needs_an_address_for_its_link(valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no hub has run and `--url` says nothing there is no link to print."""
    said = refused(capsys, "enrol", "medic", "--name", "Siti", "--store", valkey_url)
    assert "--url" in said


def test_check_says_whether_a_store_keeps_what_it_accepts(valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """0 and `ok` for a safe store, 1 and the setting's name for another."""
    assert main(["check", "--store", valkey_url]) == 0
    assert capsys.readouterr().out.startswith("ok")
    with running_store(durable=False) as server:
        assert main(["check", "--store", server.url]) == 1
    assert "appendfsync is 'everysec', expected 'always'" in capsys.readouterr().out


def test_check_without_a_store_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An address where nothing answers is one sentence."""
    assert "cannot be asked" in refused(capsys, "check", "--store", f"unix://{tmp_path}/none")


def test_a_seed_is_written_once_and_again(store_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`seed` writes shops, van and stops through the services; a second time changes nothing that happened since."""
    seed = ROOT / "clients" / "seed.json"
    for _ in range(2):
        assert main(["seed", str(seed), "--store", store_url, "--demo"]) == 0
        assert "63 commands" in capsys.readouterr().out
    with redis.Redis.from_url(store_url) as client:
        assert client.hget(HEAD, "kind") == b"demo"


def test_a_seed_that_is_no_seed_is_refused(valkey_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file that is missing, is not JSON, or holds what a service refuses is named."""
    path = tmp_path / "seed.json"
    assert "cannot be read" in refused(capsys, "seed", str(path), "--store", valkey_url)
    path.write_text("{")
    assert "is not JSON" in refused(capsys, "seed", str(path), "--store", valkey_url)
    path.write_text("[]")
    assert "expected a JSON object" in refused(capsys, "seed", str(path), "--store", valkey_url)
    path.write_text(json.dumps({"shops": [{"id": "s01", "name": "Warung"}]}))
    assert "shop.register of s01 was refused" in refused(capsys, "seed", str(path), "--store", valkey_url)


def test_a_store_of_the_other_kind_is_refused(valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is marked as a demo is never written as a real city."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(HEAD, mapping={"kind": "demo", "version": 1})
    seed = ROOT / "clients" / "seed.json"
    assert "demo" in refused(capsys, "seed", str(seed), "--store", valkey_url)


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_store_that_is_not_there_is_one_sentence(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is started on an address that is none, or where nothing answers in time."""
    assert "gopher://x" in refused(capsys, command, "--store", "gopher://x")
    monkeypatch.setattr(check, "ANSWER_S", 0.0)
    assert "cannot be asked" in refused(capsys, command, "--store", f"unix://{tmp_path}/none")


@pytest.mark.parametrize("name", ["", "  ", "A" * 81])
def test_nobody_is_enrolled_without_a_name(store_url: str, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The sentence names the field and what was expected."""
    said = refused(capsys, "enrol", "medic", "--name", name, "--store", store_url, "--url", "http://x")
    assert "name: expected 1 to 80 characters" in said
