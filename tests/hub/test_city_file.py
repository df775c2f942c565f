"""A city is one file: read strictly, or refused with one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from hub.app import rules_of
from hub.city_file import OWN, OWN_FILE, Medic, TestRing, check_together, inspected, read_cities, read_city
from hub.errors import StartError
from hub.oidc_table import Post
from tests.support.neighbour import CODE, NAME, city_file, collection, feature, home_file, square, with_hole


def sentence(path: Path) -> str:
    with pytest.raises(StartError) as refused:
        read_city(path)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_kota_mojokerto_is_a_file_like_any_other() -> None:
    """It passes the whole look, and says what the services do when nothing is said."""
    city = read_city(OWN_FILE)
    assert (city.code, city.name, city.short, city.kelurahan) == ("35.76", "Kota Mojokerto", "Mojokerto", 18)
    assert city.numbers == ("119", "112")
    assert (city.medic, city.test_ring) == (Medic(), TestRing())
    assert city.accept_s == {"food": 180, "goods": 1_800, "made_to_order": 86_400}
    assert city.geojson == OWN.geojson


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    """What it leaves out is as in Kota Mojokerto; its short name is its name without what it is."""
    city = read_city(city_file(tmp_path))
    assert (city.code, city.name, city.short, city.kelurahan) == (CODE, NAME, "Watugede", 4)
    assert (city.medic, city.numbers, city.desks) == (OWN.medic, OWN.numbers, OWN.desks)


def test_tables_say_what_is_otherwise_here(tmp_path: Path) -> None:
    """Each key by itself; the rest of its table stays."""
    more = '[medic]\nwaves_s = [0, 10, 30, 60]\n[emergency]\nmedical = "118"\n[accept_s]\nfood = 60\n'
    more += '[test_ring]\nday = "friday"\n'
    city = read_city(city_file(tmp_path, more=more))
    assert (city.medic.waves_s, city.medic.grace_s) == ((0, 10, 30, 60), 5)
    assert city.numbers == ("118", "112")
    assert city.accept_s == {"food": 60}
    assert city.test_ring == TestRing("friday", 10)
    assert rules_of(city).test_ring == (4, 10)
    assert rules_of(structs.replace(city, test_ring=TestRing("never"))).test_ring is None


@pytest.mark.parametrize(
    ("top", "more", "says"),
    [
        ({"host": '["a.id"]'}, "", "line 5: host: there is no such key (did you mean hosts?)"),
        ({"zone": '"Asia/Jakata"'}, "", "line 5: zone: expected one of Indonesia's time zones"),
        ({"zone": '"Asia/Singapore"'}, "", "Asia/Makassar (WITA), Asia/Jayapura (WIT), got 'Asia/Singapore'"),
        ({}, "[medic]\ngrace = 5\n", "line 6: medic.grace: there is no such key (did you mean medic.grace_s?)"),
        ({}, "[medics]\ngrace_s = 5\n", "medics: there is no such key (did you mean medic?)"),
        ({"medic": "5"}, "", "medic: expected a table, as in [medic]"),
        ({"code": "35.76"}, "", "line 1: code: expected a Kemendagri code"),
        ({"polygons": '"nowhere.geojson"'}, "", "nowhere.geojson cannot be read"),
        ({"name": '"Kota"\nname = "Lagi"'}, "", "this is no TOML"),
        ({}, '[test_ring]\nday = "mondy"\n', "did you mean monday?"),
        ({}, "[emergency]\nall = 112\n", "emergency.all: expected a phone number in quotes"),
    ],
)
def test_a_wrong_key_is_one_sentence_with_its_line(tmp_path: Path, top: dict[str, str], more: str, says: str) -> None:
    """The file, the line, the key, what was expected; the near key where there is one."""
    said = sentence(city_file(tmp_path, more=more, **top))
    assert says in said
    assert str(tmp_path / "city.toml") in said


@pytest.mark.parametrize("key", ["code", "name", "polygons"])
def test_what_makes_a_city_this_one_is_required(tmp_path: Path, key: str) -> None:
    """No city is Kota Mojokerto by accident."""
    assert f"{key}: expected one" in sentence(city_file(tmp_path, without=[key]))


@pytest.mark.parametrize(
    ("geojson", "says"),
    [
        ([], "expected a GeoJSON FeatureCollection"),
        (collection([]), "1 to 1000 features"),
        ({"type": "FeatureCollection", "features": [{"type": "Feature"}]}, "as feature 1"),
        (collection([feature("Lor", 0, square(0, 0)), feature("lor", 1, square(1, 0))]), "each kelurahan once"),
        (collection([feature("Lor/Kulon", 0, square(0, 0))]), "a name of letters"),
        (collection([feature("Lor", 0, square(0, 0)[:-1])]), "the border of Lor is not closed"),
    ],
)
def test_wrong_polygons_are_one_sentence(tmp_path: Path, geojson: Any, says: str) -> None:
    """They name the kelurahan, or the feature by its number."""
    said = sentence(city_file(tmp_path, geojson=geojson))
    assert "wards.geojson" in said
    assert says in said


def test_a_hole_between_kelurahan_is_found_and_named(tmp_path: Path) -> None:
    """Where it is, how large, and between whom: nobody there would be in the city."""
    said = sentence(city_file(tmp_path, geojson=with_hole()))
    assert "a hole of " in said
    assert "ha at -7.48" in said
    assert "Lor Kulon" in said


def test_what_is_no_json_and_no_file_says_so(tmp_path: Path) -> None:
    """Neither a trace of Python nor half a city."""
    path = city_file(tmp_path)
    (tmp_path / "wards.geojson").write_text("{")
    assert "wards.geojson: it is no JSON" in sentence(path)
    (tmp_path / "city.toml").write_bytes(b"\xff\xfe")
    assert "expected UTF-8" in sentence(path)
    path.unlink()
    assert "cannot be read: No such file" in sentence(path)


def test_all_that_is_wrong_is_listed_in_the_order_of_lines(tmp_path: Path) -> None:
    """One start says the first thing and how many more there are; the look says all."""
    path = city_file(tmp_path, without=["name"], zone='"WIB"', hots="[]")
    found = inspected(path)
    assert found.city is None
    assert [flaw.key for flaw in found.flaws] == ["zone", "hots", "name"]
    assert "(and 2 more" in sentence(path)


OIDC = """[oidc]
issuer = "https://sso.watugede.example/realms/kota"
client_id = "kentongan"
secret_file = "oidc.secret"

[oidc.roles]
"/kota/PSC 119" = { role = "dispatcher", desk = "medic" }
medis = { role = "medic" }
"""


def test_the_citys_own_account_is_a_table(tmp_path: Path) -> None:
    """Groups in their order, by any name; without the table there is none."""
    oidc = read_city(city_file(tmp_path, more=OIDC)).oidc
    assert oidc is not None
    assert list(oidc.roles.items()) == [("/kota/PSC 119", Post("dispatcher", desk="medic")), ("medis", Post("medic"))]
    assert oidc.secret_file == tmp_path / "oidc.secret"
    assert OWN.oidc is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("issuer = ", "isuer = ", "line 6: oidc.isuer: there is no such key (did you mean oidc.issuer?) (and 1 more"),
        ('client_id = "kentongan"\n', "", "oidc.client_id: expected one, with [oidc]"),
        ('desk = "medic"', 'desk = "medik"', "line 11: oidc.roles./kota/PSC 119: expected a desk of medic, market"),
        ('role = "medic" }', 'role = "dokter" }', "line 12: oidc.roles.medis: expected a role of medic, dispatcher"),
        ('medis = { role = "medic" }', "medis = 1", "line 12: oidc.roles.medis: expected a role"),
        ("https://sso", "http://sso", "line 6: oidc.issuer: expected the issuer as the provider says it"),
        (OIDC[OIDC.index("[oidc.roles]") :], "", "oidc.roles: expected one, with [oidc]"),
        (OIDC[OIDC.index('"/kota') :], "", "oidc.roles: expected one, with [oidc]"),
        (OIDC[OIDC.index("[oidc.roles]") :], "roles = 5", "line 10: oidc.roles: there is no such key"),
        (OIDC, "oidc = 5", "expected a table, as in [oidc]"),
    ],
)
def test_a_fault_of_the_account_is_one_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    """With its line, or its table's where it has none."""
    assert old in OIDC
    assert says in sentence(city_file(tmp_path, more=OIDC.replace(old, new)))


def test_a_group_opens_no_desk_that_the_city_has_not(tmp_path: Path) -> None:
    """Nobody would sit there."""
    more = OIDC.replace('desk = "medic"', 'desk = "market"')
    path = city_file(tmp_path, more=more, desks='["medic", "van"]')
    assert "oidc.roles./kota/PSC 119: expected one of this city's desks, got 'market'" in sentence(path)


def test_two_cities_need_hosts_that_tell_them_apart(tmp_path: Path) -> None:
    """None without hosts, no host twice, no city twice; none named is Kota Mojokerto alone."""
    (tmp_path / "home").mkdir()
    home, beside = home_file(tmp_path / "home"), city_file(tmp_path)
    assert read_cities(None) == (OWN,)
    assert [city.code for city in read_cities([home, beside])] == ["35.76", CODE]
    with pytest.raises(StartError, match=r"mojokerto\.toml: hosts: expected names: 2 cities"):
        read_cities([OWN_FILE, beside])
    with pytest.raises(StartError, match=r"are both the city 35\.99"):
        read_cities([beside, beside])
    city = read_city(beside)
    other = read_city(home)
    clash = city_file(tmp_path, hosts='["mojokerto.example"]')
    with pytest.raises(StartError, match=r"both have the host mojokerto\.example"):
        check_together((other, read_city(clash)))
    assert city.hosts == ("watugede.example",)


def test_a_city_file_of_a_multipolygon_is_read(tmp_path: Path) -> None:
    """An island is part of its kelurahan."""
    whole = collection()
    first = whole["features"][0]["geometry"]
    first["type"], first["coordinates"] = "MultiPolygon", [first["coordinates"]]
    assert read_city(city_file(tmp_path, geojson=json.loads(json.dumps(whole)))).kelurahan == 4
