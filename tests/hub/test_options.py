"""What follows from how a hub runs: addresses and the configuration of each city."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from hub.city_file import OWN
from hub.oidc_table import Oidc, Post
from hub.options import HubOptions, base_of, config, help_base_of, query_of
from hub.settings import Settings
from tests.support.neighbour import CODE, HOST, NAME
from tests.support.two_cities import two_files

ALONE = HubOptions("public", "", 8000, 8000, 8100, Settings())


def test_a_citys_own_address_goes_before_all_others(tmp_path: Path) -> None:
    """Its file's, then the setting, then its host, then where the hub listens."""
    cities = two_files(tmp_path)
    options = replace(ALONE, cities=cities)
    assert base_of(options, cities[1]) == f"http://{HOST}:8000"
    assert help_base_of(options, cities[1]) == f"http://{HOST}:8100"
    own = replace(cities[1], public_url="https://w.example", help_url="https://help.w.example")
    assert (base_of(options, own), help_base_of(options, own)) == ("https://w.example", "https://help.w.example")
    assert base_of(ALONE) == "http://127.0.0.1:8000"


def test_every_city_has_a_query_process_of_its_own(tmp_path: Path) -> None:
    """Sockets that differ; one city alone keeps the address that it always had."""
    cities = two_files(tmp_path)
    options = replace(ALONE, cities=cities)
    assert query_of(options, cities[0]) != query_of(options, cities[1])
    assert query_of(options, cities[1]).endswith(f"-8000-{CODE}.sock")
    assert query_of(ALONE, OWN).endswith("-8000.sock")
    assert query_of(replace(ALONE, query="127.0.0.1:9"), OWN) == "127.0.0.1:9"


def test_the_configuration_names_the_neighbours(tmp_path: Path) -> None:
    """Numbers and languages are the city's; who else is served is no secret."""
    cities = two_files(tmp_path)
    said = config(replace(ALONE, cities=cities), cities[0])
    assert (said["city"], said["emergency"], said["languages"]) == ("35.76", ["119", "112"], ["id", "en", "jv"])
    assert said["neighbours"] == [{"code": CODE, "name": NAME}]
    assert config(ALONE)["neighbours"] == []


def test_the_configuration_names_the_pages_of_the_citys_account() -> None:
    """Only where the provider has an address to send people back to."""
    city = replace(OWN, oidc=Oidc("https://sso.example", "k", {"a": Post("medic")}))
    assert config(replace(ALONE, cities=(city,)), city)["city_sign_in"] == []
    public = replace(ALONE, settings=Settings(public_url="https://kota.example"))
    assert config(public, city)["city_sign_in"] == ["/medic"]
    assert config(ALONE, replace(city, public_url="https://kota.example"))["city_sign_in"] == ["/medic"]
