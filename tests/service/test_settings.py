from ipaddress import ip_network
from pathlib import Path

import pytest

from service.settings import NAMES, Rates, Settings, SettingsError, default_database_path, read_settings, safe_url


def test_without_any_variable_the_service_runs_on_this_machine_alone() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8000, "info")
    assert settings.api_url == "http://127.0.0.1:8000"
    assert settings.redis_url is None
    assert settings.discord_token is None
    assert settings.warnings == ()
    assert settings.database_url.get_backend_name() == "sqlite"
    assert settings.database_url.database == str(default_database_path())


def test_the_default_database_never_lies_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_database_path().is_absolute()
    assert not default_database_path().is_relative_to(tmp_path)


def test_every_setting_is_read_from_its_variable() -> None:
    settings = read_settings(
        {
            "R1PLAN_HOST": "0.0.0.0",  # noqa: S104 (a setting, nothing listens)
            "R1PLAN_PORT": "9000",
            "R1PLAN_DATABASE_URL": "postgresql+asyncpg://me:pass@db.example/inventory",
            "R1PLAN_REDIS_URL": "redis://:word@cache.example:6379/3",
            "R1PLAN_API_URL": "https://plans.example/",
            "R1PLAN_DISCORD_TOKEN": "a.token",
            "R1PLAN_LOG_LEVEL": "WARNING",
            "R1PLAN_REQUIRE_KEY": "Read",
            "R1PLAN_RATE_PER_ADDRESS": "10",
            "R1PLAN_RATE_PER_KEY": "20",
            "R1PLAN_RATE_ON_LOOPBACK": "0",
            "R1PLAN_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "R1PLAN_IMPORT_PRIVATE_NETWORKS": "10.20.0.0/16",
        }
    )
    assert settings.requires_key_to_read
    assert settings.rates == Rates(per_address=10, per_key=20, on_loopback=0)
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert settings.import_private_networks == (ip_network("10.20.0.0/16"),)
    assert {secret.reveal() for secret in settings.secrets()} == {"pass", "word", "a.token"}
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 9000, "warning")  # noqa: S104
    assert settings.database_url.render_as_string(hide_password=False).endswith("me:pass@db.example/inventory")
    assert settings.redis_url is not None
    assert settings.redis_url.reveal() == "redis://:word@cache.example:6379/3"
    assert settings.api_url == "https://plans.example"
    assert settings.discord_token is not None
    assert settings.discord_token.reveal() == "a.token"


def test_the_bot_finds_the_api_at_the_port_that_was_set() -> None:
    assert read_settings({"R1PLAN_PORT": "9001"}).api_url == "http://127.0.0.1:9001"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings(dict.fromkeys(NAMES, " ")) == read_settings({})


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    settings = read_settings(
        {
            "R1PLAN_DATABASE_URL": "postgresql+asyncpg://me:hidden-1@db.example/inventory",
            "R1PLAN_REDIS_URL": "redis://:hidden-2@cache.example",
            "R1PLAN_DISCORD_TOKEN": "hidden-3",
        }
    )
    shown = f"{settings!r} {settings} {settings.discord_token} {safe_url(settings.database_url)}"
    assert "hidden" not in shown
    assert "me:***@db.example" in shown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("R1PLAN_PORT", "eighty", "R1PLAN_PORT is 'eighty'; allowed is a whole number from 1 to 65535"),
        ("R1PLAN_PORT", "0", "1 is the nearest"),
        ("R1PLAN_PORT", "-1", "1 is the nearest"),
        ("R1PLAN_PORT", "70000", "65535 is the nearest"),
        ("R1PLAN_PORT", "9" * 5000, "65535 is the nearest"),
        ("R1PLAN_PORT", "80.5", "allowed is a whole number"),
        ("R1PLAN_PORT", "٨٠", "allowed is a whole number"),
        ("R1PLAN_HOST", "http://127.0.0.1", "one host name or IP address"),
        ("R1PLAN_HOST", "a b", "one host name or IP address"),
        ("R1PLAN_LOG_LEVEL", "warn", "debug, info, warning, error, and warning is the nearest"),
        ("R1PLAN_DATABASE_URL", "postgres://u:hidden@h/d", "postgresql+asyncpg:// is the nearest"),
        ("R1PLAN_DATABASE_URL", "sqlite:///x.db", "sqlite+aiosqlite:// is the nearest"),
        ("R1PLAN_DATABASE_URL", "hidden", "not a database URL"),
        ("R1PLAN_DATABASE_URL", "postgresql+asyncpg://u:hidden@h:port/d", "not a database URL"),
        ("R1PLAN_DATABASE_URL", "postgresql+asyncpg://u:hidden@h", "names no database"),
        ("R1PLAN_DATABASE_URL", "sqlite+aiosqlite://", "names no file"),
        ("R1PLAN_DATABASE_URL", "sqlite+aiosqlite:///:memory:", "names no file"),
        ("R1PLAN_REDIS_URL", "http://hidden", "redis://, rediss://, unix://"),
        ("R1PLAN_REDIS_URL", "redis://", "names no host"),
        ("R1PLAN_REDIS_URL", "redis://:hidden@h:port", "not a URL"),
        ("R1PLAN_API_URL", "plans.example", "http://, https://"),
        ("R1PLAN_API_URL", "http://plans.example/?q=1", "no plain address"),
        ("R1PLAN_REQUIRE_KEY", "always", "allowed is write"),
        ("R1PLAN_RATE_PER_ADDRESS", "-1", "or 0 for any number"),
        ("R1PLAN_RATE_PER_KEY", "many", "from 1 to 1,000,000,000"),
        ("R1PLAN_RATE_ON_LOOPBACK", "9999999999", "from 1 to 1,000,000,000"),
        ("R1PLAN_TRUSTED_PROXIES", "10.0.0.1/8", "host bits set"),
        ("R1PLAN_TRUSTED_PROXIES", "nginx", "such as 127.0.0.1"),
        ("R1PLAN_IMPORT_PRIVATE_NETWORKS", "10.20.0.1/16", "host bits set"),
        ("R1PLAN_DISCORD_TOKEN", "hidden token", "allowed is the token alone"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_line_without_its_secrets(
    name: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({name: value})
    message = str(caught.value)
    assert message.startswith(name)
    assert said in message
    assert "\n" not in message
    assert len(message) < 300
    assert "hidden" not in message


def test_a_misspelt_variable_is_warned_of_with_the_nearest_setting() -> None:
    settings = read_settings({"R1PLAN_DATABSE_URL": "x", "R1PLAN_TEST_X": "x", "R1PLAN_REQUIRE_ALL": "1", "OTHER": "x"})
    (warning,) = settings.warnings
    assert "R1PLAN_DATABSE_URL" in warning
    assert "R1PLAN_DATABASE_URL" in warning


def test_settings_are_values() -> None:
    assert isinstance(read_settings({}), Settings)
    with pytest.raises(AttributeError, match="immutable"):
        setattr(read_settings({}), "port", 1)  # noqa: B010 (the type checker refuses the plain form, as it should)
