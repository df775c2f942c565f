"""Settings: read from the environment, checked at start."""

from __future__ import annotations

import pytest

from hub.errors import SettingError
from hub.settings import PREFIX, Settings, table


def test_no_variable_gives_the_defaults() -> None:
    """An empty environment gives the defaults, and variables of others are not looked at."""
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"HOME": "/home/siti"}) == Settings()


def test_values_have_the_type_of_their_setting() -> None:
    """Numbers, switches and lists are read from text, with spaces around them ignored."""
    settings = Settings.from_environment(
        {
            "KENTONGAN_BEAT_S": " 2.5 ",
            "KENTONGAN_LOG_KEEP_H": "90",
            "KENTONGAN_LIMIT_LOOPBACK": "no",
            "KENTONGAN_ALLOWED_ORIGINS": "https://kentongan.example, http://127.0.0.1:8000",
            "KENTONGAN_TRUSTED_PROXIES": "",
        }
    )
    assert settings.beat_s == 2.5
    assert settings.log_keep_h == 90
    assert settings.limit_loopback is False
    assert settings.allowed_origins == ("https://kentongan.example", "http://127.0.0.1:8000")
    assert settings.trusted_proxies == ()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KENTONGAN_BEAT_S", "often"),
        ("KENTONGAN_BEAT_S", "nan"),
        ("KENTONGAN_BEAT_S", "5"),
        ("KENTONGAN_DEADLINE_S", "-1"),
        ("KENTONGAN_LOG_KEEP_H", "1.5"),
        ("KENTONGAN_LIMIT_LOOPBACK", "perhaps"),
        ("KENTONGAN_ALLOWED_ORIGINS", "kentongan.example"),
        ("KENTONGAN_ALLOWED_ORIGINS", "https://kentongan.example/"),
        ("KENTONGAN_ALLOWED_HOSTS", "https://kentongan.example"),
        ("KENTONGAN_HELP_URL", "https://kentongan.example/help/"),
        ("KENTONGAN_PUBLIC_URL", "https://kentongan.example/help"),
        ("KENTONGAN_PUBLIC_URL", "https://kentongan.example:port"),
        ("KENTONGAN_TRUSTED_PROXIES", "proxy.example"),
        ("KENTONGAN_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("KENTONGAN_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("KENTONGAN_BEATS", "3"),
    ],
)
def test_a_wrong_value_names_its_setting(variable: str, text: str) -> None:
    """A value that cannot be used, or a name that is no setting, is refused in a sentence with both."""
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({variable: text})
    assert variable in str(refused.value)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("url", ["https://sms.example/send?to=1", "http://10.0.0.9:8080"])
def test_a_gateway_has_an_address_and_a_secret(url: str) -> None:
    """The secret signs: an address without one is refused, and so is a short one, which no error shows."""
    environment = {"KENTONGAN_NOTIFY_URL": url, "KENTONGAN_NOTIFY_SECRET": "sixteen characters"}
    assert Settings.from_environment(environment).notify_url == url
    with pytest.raises(SettingError, match="KENTONGAN_NOTIFY_SECRET: expected the secret"):
        Settings.from_environment({"KENTONGAN_NOTIFY_URL": url})
    with pytest.raises(SettingError, match="16 characters or more") as refused:
        Settings.from_environment({**environment, "KENTONGAN_NOTIFY_SECRET": "geheim"})
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["sms.example", "ftp://sms.example/", "https://a:b@sms.example/", "https://sms.example:0/"]
)
def test_what_is_no_address_of_a_gateway_is_refused(url: str) -> None:
    """With what was expected."""
    with pytest.raises(SettingError, match="KENTONGAN_NOTIFY_URL: expected an address"):
        Settings.from_environment({"KENTONGAN_NOTIFY_URL": url, "KENTONGAN_NOTIFY_SECRET": "sixteen characters"})


@pytest.mark.parametrize("url", ["sqlite:var/a.sqlite", "postgresql://me:pw@db/city", "postgres:///city?host=/run"])
def test_an_archive_is_named_by_its_address(url: str) -> None:
    """A file of SQLite, or a database of PostgreSQL."""
    assert Settings.from_environment({"KENTONGAN_ARCHIVE_URL": url}).archive_url == url


@pytest.mark.parametrize("text", ["var/a.sqlite", "sqlite:", "mysql://me:geheim@db/city"])
def test_an_address_that_is_no_archive_s_is_refused_without_its_password(text: str) -> None:
    """The sentence says what was expected and only the scheme of what came."""
    with pytest.raises(SettingError, match="KENTONGAN_ARCHIVE_URL: expected sqlite:PATH or postgresql://") as refused:
        Settings.from_environment({"KENTONGAN_ARCHIVE_URL": text})
    assert "geheim" not in str(refused.value)


def test_the_table_has_a_row_for_every_setting() -> None:
    """The README's table names every setting once."""
    rows = table().splitlines()[2:]
    names = [row.split("`")[1].removeprefix(PREFIX).lower() for row in rows]
    assert names == list(Settings.__dataclass_fields__)
