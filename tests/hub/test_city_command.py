"""`kentongan city check`: what it says, draws and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.city_file import OWN_FILE
from hub.cli import main
from tests.support.neighbour import CODE, HOST, NAME, city_file, with_hole


def test_a_good_file_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a person checks before switching a city on; exit code 0, and the map."""
    plot = tmp_path / "map.svg"
    assert main(["city", "check", str(OWN_FILE), "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    for part in ("Kota Mojokerto (35.76): 18 kelurahan, 20.", "119 and 112", "0, 20, 40, 80 s", "ok: it can be served"):
        assert part in out
    assert plot.read_text().startswith("<svg")


def test_a_wrong_file_is_listed_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every flaw is a sentence; exit code 1; the map is drawn all the same, with the hole."""
    path, plot = city_file(tmp_path, geojson=with_hole(), zones='"x"'), tmp_path / "map.svg"
    assert main(["city", "check", str(path), "--plot", str(plot)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"the city file {path}, line 4: polygons: wards.geojson: a hole of ")
    assert lines[1] == f"the city file {path}, line 5: zones: there is no such key (did you mean zone?)"
    assert lines[2] == "not served: 2 things to mend"
    assert 'class="hole"' in plot.read_text()


def test_the_same_for_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object, of a good file and of one that is not there."""
    assert main(["city", "check", str(city_file(tmp_path)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.pop("area_km2") == pytest.approx(19.6, rel=0.02)
    assert said == {
        "ok": True, "code": CODE, "name": NAME, "kelurahan": 4, "hosts": [HOST], "flaws": [], "plot": None,
    }  # fmt: skip
    assert main(["city", "check", str(tmp_path / "none.toml"), "--json", "--plot", str(tmp_path / "x.svg")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["code"], said["plot"]) == (False, None, None)
    assert said["flaws"] == [{"line": 0, "key": "", "says": "it cannot be read: No such file or directory"}]


def test_the_citys_account_is_summed_up_with_its_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret that is not there, or that others may read, is a flaw here; no start of a worker looks for it."""
    roles = '[oidc.roles]\npsc = { role = "dispatcher", desk = "medic" }\nmedis = { role = "medic" }\n'
    more = f'[oidc]\nissuer = "https://sso.example"\nclient_id = "k"\nsecret_file = "oidc.secret"\n{roles}'
    path, secret = city_file(tmp_path, more=more), tmp_path / "oidc.secret"
    assert main(["city", "check", str(path)]) == 1
    assert f"oidc.secret_file: the secret {secret} cannot be read" in capsys.readouterr().out
    secret.write_text("s")
    secret.chmod(0o644)
    assert main(["city", "check", str(path), "--json"]) == 1
    assert "mode 644" in json.loads(capsys.readouterr().out)["flaws"][0]["says"]
    secret.chmod(0o600)
    assert main(["city", "check", str(path)]) == 0
    assert "https://sso.example: psc opens dispatcher medic, medis opens medic, for 12 h" in capsys.readouterr().out


def test_a_map_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, one sentence."""
    assert main(["city", "check", str(OWN_FILE), "--plot", str(tmp_path / "no" / "map.svg")]) == 2
    assert "map.svg cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["up", "--data", "unused"], ["work", "--store", "redis://127.0.0.1:1/0"]])
def test_no_command_starts_on_a_wrong_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """One sentence before anything is made or asked."""
    path = city_file(tmp_path, geojson=with_hole())
    assert main([*command, "--city", str(path)]) == 2
    err = capsys.readouterr().err
    assert "a hole of" in err
    assert err.count("\n") == 1
    assert not Path("unused").exists()
