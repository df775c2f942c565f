"""The files in `deploy/`: each starts what the command line takes, with a store that keeps what it accepts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import cli
from hub.check import findings
from hub.embedded import find_server
from hub.folder import write_whole
from hub.settings import Settings
from tests.deploy.rendered import DEPLOY, chart, command_of, compose, environment_of, loaded, unit, units
from tests.support.processes import ROOT

CITY = {"CITY_HOST": "kota.example"}
HUBS = ("help", "public", "public2")


def parsed(arguments: Sequence[str]) -> Any:
    """What the command line makes of them; a fault ends the test with argparse's own words."""
    return cli._parser().parse_args(list(arguments))


# -- systemd ------------------------------------------------------------------------


@pytest.mark.parametrize("name", units())
def test_a_unit_is_narrow_and_comes_back(name: str) -> None:
    """Its own user, a read-only system, no new privileges, no capability; started again, and tied to the target."""
    service = dict(unit(name)["Service"])
    wanted = {
        "User": "kentongan", "Restart": "always", "NoNewPrivileges": "yes", "ProtectSystem": "strict",
        "ProtectHome": "yes", "CapabilityBoundingSet": "", "PrivateTmp": "yes",
    }  # fmt: skip
    assert wanted.items() <= service.items()
    assert int(service.get("LimitNOFILE", 65536)) >= 65536
    assert dict(unit(name)["Install"]) == {"WantedBy": "kentongan.target"}
    assert dict(unit(name)["Unit"])["StartLimitIntervalSec"] == "0"
    assert "MemoryMax" in service or name == "kentongan-store.service"


def test_units_start_what_the_command_line_takes() -> None:
    """Each hub by its own file; the help hub 100 above the first public one, where the proxies look for it."""
    service = dict(unit("kentongan-hub@.service")["Service"])
    listens = []
    for name in HUBS:
        own = environment_of(DEPLOY / f"hub-{name}.env")
        program, *arguments = command_of(service["ExecStart"], own)
        assert program.endswith("/.venv/bin/kentongan")
        options = parsed(arguments)
        listens.append(options.port + 100 * (options.only == "help"))
        assert options.query == "unix:/run/kentongan/query.sock"
    assert listens == [8100, 8000, 8001]
    for name in ("kentongan-work.service", "kentongan-query.service", "kentongan-backup.service"):
        _, *arguments = command_of(dict(unit(name)["Service"])["ExecStart"], {})
        assert parsed(arguments).store == options.store == "unix:///run/kentongan/store.sock"
    proxies = (DEPLOY / "nginx.conf").read_text() + (DEPLOY / "Caddyfile").read_text()
    assert {f"127.0.0.1:{port}" for port in listens} == set(re.findall(r"127\.0\.0\.1:8\d\d\d", proxies))


def test_a_hub_tells_systemd_how_it_is() -> None:
    """Ready when it trusts the store, however long that takes; alive from its own loop."""
    service = dict(unit("kentongan-hub@.service")["Service"])
    assert (service["Type"], service["TimeoutStartSec"], service["WatchdogSec"]) == ("notify", "infinity", "20")
    assert int(service["TimeoutStopSec"]) > Settings().drain_s + 5


def test_the_settings_file_holds_settings() -> None:
    """Every line is one, and the hubs behind a proxy on this machine believe it."""
    settings = Settings.from_environment(environment_of(DEPLOY / "kentongan.env"))
    assert (settings.public_url, settings.help_url) == ("https://kota.example", "https://kota.example/help")
    assert settings.trusted_proxies == ("127.0.0.1",)


# -- the store, everywhere ------------------------------------------------------------


def store_of(where: str, folder: Path) -> list[str]:
    """How a store is started there, without its program's name."""
    if where == "systemd":
        text = (DEPLOY / "store.conf").read_text("utf-8")
        text = text.replace("/run/kentongan/", f"{folder}/").replace("/var/lib/kentongan/store", str(folder))
        write_whole(folder / "store.conf", text)
        return [str(folder / "store.conf")]
    if where == "compose":
        arguments: list[str] = compose(CITY)["services"]["store"]["command"][1:]
    else:
        (stateful,) = [one for _, one in chart() if one["kind"] == "StatefulSet"]
        arguments = stateful["spec"]["template"]["spec"]["containers"][0]["args"][1:]
    arguments = [str(folder) if one == "/data" else one for one in arguments]
    return [*arguments, "--port", "0", "--unixsocket", f"{folder}/store.sock", "--dir", str(folder)]


@pytest.mark.parametrize("where", ["systemd", "compose", "helm"])
def test_the_store_keeps_what_it_accepts(where: str, sockets: Path) -> None:
    """Started as the file says, `kentongan check` finds nothing wrong with it."""
    process = subprocess.Popen([find_server().path, *store_of(where, sockets)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = next((line for line in process.stdout if "eady to accept connections" in line), None)
        assert ready is not None
        with redis.Redis(unix_socket_path=str(sockets / "store.sock")) as client:
            seconds, micros = client.time()
            now = int(seconds) * 1000 + int(micros) // 1000
            found = [one for one in findings(client, "35.76", replicas=0, local_ms=now) if one.what != "dir"]
            assert found == []
    finally:
        process.terminate()
        process.communicate(timeout=10)


# -- compose ------------------------------------------------------------------------------


def test_compose_starts_a_whole_city() -> None:
    """One help hub, two public ones, a worker, the search, backups; only the proxy is open to the world."""
    services = compose(CITY)["services"]
    assert set(services) == {"store", "help", "public1", "public2", "worker", "query", "backup", "caddy"}
    assert [name for name, one in services.items() if "ports" in one] == ["caddy"]
    for name in ("help", "public1", "public2", "worker", "query", "backup"):
        parsed(services[name]["command"])
        settings = Settings.from_environment(services[name]["environment"])
        assert settings.public_url == "https://kota.example"
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["restart"] == "always"
    assert [parsed(services[name]["command"]).only for name in ("help", "public1", "public2")] == [
        "help",
        "public",
        "public",
    ]
    subnet = loaded(DEPLOY / "compose.yaml")["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert settings.trusted_proxies == (subnet,)
    with pytest.raises(KeyError, match="CITY_HOST"):
        compose({})


def test_the_proxy_of_compose_knows_its_hubs() -> None:
    """By the names of their services and the ports that they listen on."""
    services = compose(CITY)["services"]
    told = services["caddy"]["environment"]
    for word in (*told["CITY_HELP"].split(), *told["CITY_PUBLIC"].split()):
        name, _, port = word.partition(":")
        options = parsed(services[name]["command"])
        assert options.port + 100 * (options.only == "help") == int(port)
    kernel = (line.partition(" = ") for line in (DEPLOY / "sysctl.conf").read_text().splitlines() if " = " in line)
    wanted = {name: value for name, _, value in kernel if ".tcp_" in name and "syn" not in name}
    assert {name: str(value) for name, value in services["caddy"]["sysctls"].items()} == wanted
    caddyfile = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert caddyfile.index("respond @figures 404") < caddyfile.index("handle_path") < caddyfile.index("handle {")
    assert re.search(r"^\troute \{", caddyfile, re.M)  # Caddy sorts what stands outside, and figures would be served
    assert set(re.findall(r"\{\$(\w+)", caddyfile)) == set(told)


def test_the_image_holds_every_package() -> None:
    """Whatever the project is made of is copied; nothing runs as root."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    packages = re.search(r"^packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert packages is not None
    for name in (*re.findall(r'"(\w+)"', packages[1]), "static"):
        assert f"COPY {name} {name}" in text
    assert "--require-hashes" in text
    assert text.index("USER 10001") < text.index("ENTRYPOINT")


# -- the chart ---------------------------------------------------------------------------------


def pods() -> list[tuple[str, Any]]:
    """(name, pod) of every workload."""
    kinds = ("Deployment", "StatefulSet")
    return [(one["metadata"]["name"], one["spec"]["template"]) for _, one in chart() if one["kind"] in kinds]


def test_the_chart_has_every_part() -> None:
    """Help and public hubs, workers, search, backups and store, each with its service; budgets and both ways in."""
    names = {(one["kind"], one["metadata"]["name"]) for _, one in chart()}
    assert {name for kind, name in names if kind == "Deployment"} == {
        f"kota-{p}" for p in ("help", "public", "worker", "query", "backup")
    }
    assert {name for kind, name in names if kind == "Service"} == {
        f"kota-{p}" for p in ("help", "public", "query", "store")
    }
    assert {name for kind, name in names if kind == "PodDisruptionBudget"} == {
        f"kota-{p}" for p in ("help", "public", "worker")
    }
    assert {name for kind, name in names if kind == "Ingress"} == {"kota-help", "kota-public"}
    (store,) = [one for _, one in chart() if one["kind"] == "StatefulSet"]
    assert store["spec"]["replicas"] == 1
    assert store["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOnce"]


@pytest.mark.parametrize(("name", "pod"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_is_narrow_and_starts(name: str, pod: Any) -> None:
    """No root, no capability, bounded memory; its arguments are the command line's, its labels those selected."""
    spec = pod["spec"]
    (container,) = spec["containers"]
    secure = container["securityContext"]
    assert (secure["runAsNonRoot"], secure["allowPrivilegeEscalation"]) == (True, False)
    assert secure["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"]
    assert spec["enableServiceLinks"] is False  # else KENTONGAN_..._PORT appears, and no hub starts
    owner = next(one for _, one in chart() if one.get("spec", {}).get("template") == pod)
    assert owner["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    if name == "kota-store":
        return
    options = parsed(container["args"])
    assert options.store == "redis://kota-store:6379/0"
    if getattr(options, "only", None) is not None:
        port = options.port + 100 * (options.only == "help")
        for probe, path in (("readinessProbe", "/health/ready"), ("livenessProbe", "/health/live")):
            get = container[probe]["httpGet"]
            assert (get["port"], get["path"]) == (port, path)
            assert {"name": "Host", "value": "localhost"} in get["httpHeaders"]


def test_the_charts_settings_are_settings() -> None:
    """Checked as a hub checks them; probes' and Prometheus' names may ask."""
    (settings,) = [one["data"] for _, one in chart() if one["kind"] == "ConfigMap"]
    read = Settings.from_environment(settings)
    assert read.help_url == f"{read.public_url}/help"
    assert {"localhost", "kota-help", "kota-public"} == set(read.allowed_hosts)


def test_the_charts_services_lead_to_pods() -> None:
    """Every service selects the pods of one workload and asks a port that they have; ways in lead to services."""
    services = {one["metadata"]["name"]: one["spec"] for _, one in chart() if one["kind"] == "Service"}
    found = dict(pods())
    for name, service in services.items():
        pod = found[name]
        assert service["selector"].items() <= pod["metadata"]["labels"].items()
        ports = {port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["ports"]} <= ports
    for _, one in chart():
        if one["kind"] == "Ingress":
            (path,) = one["spec"]["rules"][0]["http"]["paths"]
            backend = path["backend"]["service"]
            assert backend["port"]["number"] in {port["port"] for port in services[backend["name"]]["ports"]}
            assert one["metadata"]["annotations"]["nginx.ingress.kubernetes.io/enable-access-log"] == "false"
