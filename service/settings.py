"""The settings: read from environment variables, once, and refused with one clear line where they are wrong."""

import difflib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import platformdirs
from msgspec import Struct
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX: Final = "R1PLAN_"
NAMES: Final = (
    "R1PLAN_HOST",
    "R1PLAN_PORT",
    "R1PLAN_DATABASE_URL",
    "R1PLAN_REDIS_URL",
    "R1PLAN_API_URL",
    "R1PLAN_API_KEY",
    "R1PLAN_PUBLIC_URL",
    "R1PLAN_DISCORD_TOKEN",
    "R1PLAN_DISCORD_SHARDS",
    "R1PLAN_BOT_HOST",
    "R1PLAN_BOT_PORT",
    "R1PLAN_BOT_RATE_PER_USER",
    "R1PLAN_BOT_RATE_PER_SERVER",
    "R1PLAN_LOG_LEVEL",
    "R1PLAN_REQUIRE_KEY",
    "R1PLAN_RATE_PER_ADDRESS",
    "R1PLAN_RATE_PER_KEY",
    "R1PLAN_RATE_ON_LOOPBACK",
    "R1PLAN_TRUSTED_PROXIES",
    "R1PLAN_IMPORT_PRIVATE_NETWORKS",
)
REQUIRED_KEYS: Final = ("write", "read")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
DATABASE_DRIVERS: Final = ("sqlite+aiosqlite", "postgresql+asyncpg")

_ALLOWED_DATABASES: Final = "sqlite+aiosqlite:////folder/file.sqlite3 or postgresql+asyncpg://user:password@host/name"
_REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
_API_SCHEMES: Final = ("http", "https")
_MAX_PORT: Final = 65_535
MAX_RATE: Final = 1_000_000_000
# Variables that the tests read: no misspelt setting.
_TEST_NAMES: Final = ("R1PLAN_TEST_", "R1PLAN_REQUIRE_ALL")


class SettingsError(ValueError):
    """A setting cannot be used; the message is one line: the variable, what was wrong, what is allowed."""


class Secret(Struct, frozen=True):
    """A text that shows itself to no log and no traceback; only `reveal` gives it."""

    _value: str

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def reveal(self) -> str:
        """Return the text itself."""
        return self._value


class Rates(Struct, frozen=True, kw_only=True):
    """How many requests a minute are answered; 0 is any number.

    `per_address` holds for who comes without a key (an IPv6 address counts by its /64), `on_loopback` for those on this
    machine, `per_key` for a key that has no rate of its own.

    The defaults: 20 a second are more than a person or a bot asks, and less than would keep the planner's one thread
    busy; a key has an owner who can be asked; and one process does not answer a million a minute, so that who sits at
    this machine meets no limit.
    """

    per_address: int = 1_200
    per_key: int = 60_000
    on_loopback: int = 1_000_000


class Settings(Struct, frozen=True, kw_only=True):
    """How this process runs.

    `host` and `port` are where the API listens, `database_url` holds the inventory (with its password: show it by
    `safe_url` only), `redis_url` the shared answer cache (None: in this process), `api_url` where the bot finds the
    API. `requires_key_to_read` closes the API to who has no key, `rates` bound how often anybody may ask, and
    `trusted_proxies` are those whose word on the caller's address counts. Catalogues may be downloaded from
    `import_private_networks`. `warnings` are lines to log: variables that look like settings and are none.
    """

    host: str
    port: int
    database_url: URL
    redis_url: Secret | None
    api_url: str
    discord_token: Secret | None
    log_level: str
    requires_key_to_read: bool = False
    rates: Rates = Rates()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    import_private_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    warnings: tuple[str, ...] = ()

    def secrets(self) -> tuple[Secret, ...]:
        """Return every text among the settings that no log may show."""
        passwords = (self.database_url.password, None if self.redis_url is None else _password(self.redis_url.reveal()))
        given = (*(Secret(str(text)) for text in passwords if text), self.discord_token)
        return tuple(secret for secret in given if secret is not None)


def default_database_path() -> Path:
    """Return the SQLite file of an inventory that R1PLAN_DATABASE_URL does not name: in the folder for user data."""
    return Path(platformdirs.user_data_dir("r1plan", appauthor=False)) / "inventory.sqlite3"


def safe_url(url: URL) -> str:
    """Return `url` as text with its password masked."""
    return url.render_as_string(hide_password=True)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that `environment` gives; an empty value counts as not set.

    Raises:
        SettingsError: a value cannot be used.
    """
    given = {name: environment[name].strip() for name in NAMES if environment.get(name, "").strip()}
    port = _read_port(given.get("R1PLAN_PORT"))
    token = given.get("R1PLAN_DISCORD_TOKEN")
    redis_url = given.get("R1PLAN_REDIS_URL")
    return Settings(
        host=_read_host(given.get("R1PLAN_HOST")),
        port=port,
        database_url=_read_database_url(given.get("R1PLAN_DATABASE_URL")),
        redis_url=None if redis_url is None else Secret(_read_redis_url(redis_url)),
        api_url=_read_api_url(given.get("R1PLAN_API_URL"), port=port),
        discord_token=None if token is None else Secret(_read_token(token)),
        log_level=_read_log_level(given.get("R1PLAN_LOG_LEVEL")),
        requires_key_to_read=_read_requires_key(given.get("R1PLAN_REQUIRE_KEY")),
        rates=Rates(
            per_address=_read_rate("R1PLAN_RATE_PER_ADDRESS", given, default=Rates().per_address),
            per_key=_read_rate("R1PLAN_RATE_PER_KEY", given, default=Rates().per_key),
            on_loopback=_read_rate("R1PLAN_RATE_ON_LOOPBACK", given, default=Rates().on_loopback),
        ),
        trusted_proxies=_read_networks("R1PLAN_TRUSTED_PROXIES", given),
        import_private_networks=_read_networks("R1PLAN_IMPORT_PRIVATE_NETWORKS", given),
        warnings=tuple(_warn_of_unknown(environment)),
    )


def _warn_of_unknown(environment: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NAMES or name.startswith(_TEST_NAMES):
            continue
        nearest = difflib.get_close_matches(name, NAMES, n=1, cutoff=0)
        lines.append(f"{name} is not a setting of r1plan and is ignored; the nearest one is {nearest[0]}.")
    return lines


def _read_host(text: str | None) -> str:
    if text is None:
        return "127.0.0.1"
    if "/" in text or any(character.isspace() for character in text):
        raise SettingsError(
            f"R1PLAN_HOST is {text!r}; allowed is one host name or IP address to listen on, such as 127.0.0.1."
        )
    return text


def _read_port(text: str | None) -> int:
    if text is None:
        return 8000
    allowed = f"allowed is a whole number from 1 to {_MAX_PORT}"
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise SettingsError(f"R1PLAN_PORT is {text[:80]!r}; {allowed}, such as 8000.")
    # Longer digits than any port are out of range whatever they spell.
    port = int(text[:12])
    if not 1 <= port <= _MAX_PORT:
        raise SettingsError(
            f"R1PLAN_PORT is {text[:80]}; {allowed}, and {min(max(port, 1), _MAX_PORT)} is the nearest."
        )
    return port


def _read_log_level(text: str | None) -> str:
    if text is None:
        return "info"
    if text.lower() in LOG_LEVELS:
        return text.lower()
    nearest = difflib.get_close_matches(text.lower(), LOG_LEVELS, n=1, cutoff=0)[0]
    raise SettingsError(
        f"R1PLAN_LOG_LEVEL is {text[:80]!r}; allowed is one of {', '.join(LOG_LEVELS)}, and {nearest} is the nearest."
    )


def _read_requires_key(text: str | None) -> bool:
    if text is not None and text.lower() not in REQUIRED_KEYS:
        raise SettingsError(
            f"R1PLAN_REQUIRE_KEY is {text[:80]!r}; allowed is write (a key is needed to change something, the default)"
            f" or read (also to ask something)."
        )
    return text is not None and text.lower() == "read"


def _read_rate(name: str, given: Mapping[str, str], *, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= MAX_RATE):
        raise SettingsError(
            f"{name} is {text[:80]!r}; allowed is a whole number of requests a minute from 1 to {MAX_RATE:,},"
            f" such as {default}, or 0 for any number."
        )
    return int(text)


def _read_networks(name: str, given: Mapping[str, str]) -> tuple[IPv4Network | IPv6Network, ...]:
    text = given.get(name, "")
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"{name} is {text[:80]!r}: {error}; allowed are addresses and networks with commas between them, such as"
            f" 127.0.0.1,10.0.0.0/8."
        ) from None


def _password(url: str) -> str | None:
    password = urlsplit(url).password
    return None if password is None else unquote(password)


def _read_database_url(text: str | None) -> URL:
    if text is None:
        return URL.create("sqlite+aiosqlite", database=str(default_database_path()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated.
        raise SettingsError(f"R1PLAN_DATABASE_URL is not a database URL; allowed is {_ALLOWED_DATABASES}.") from None
    if url.drivername not in DATABASE_DRIVERS:
        nearest = "postgresql+asyncpg" if url.drivername.startswith("postgres") else "sqlite+aiosqlite"
        raise SettingsError(
            f"R1PLAN_DATABASE_URL begins with {url.drivername}://; allowed is {_ALLOWED_DATABASES},"
            f" and {nearest}:// is the nearest."
        )
    if url.drivername == "sqlite+aiosqlite" and (not url.database or ":memory:" in url.database):
        raise SettingsError(
            f"R1PLAN_DATABASE_URL names no file, and an SQLite database in memory is another one for each connection;"
            f" allowed is {_ALLOWED_DATABASES}."
        )
    if url.drivername == "postgresql+asyncpg" and not url.database:
        raise SettingsError(f"R1PLAN_DATABASE_URL names no database after the host; allowed is {_ALLOWED_DATABASES}.")
    return url


def _read_redis_url(text: str) -> str:
    parts = _split(text, name="R1PLAN_REDIS_URL", schemes=_REDIS_SCHEMES, example="redis://127.0.0.1:6379/0")
    if parts.scheme != "unix" and not parts.hostname:
        raise SettingsError("R1PLAN_REDIS_URL names no host; allowed is a URL such as redis://127.0.0.1:6379/0.")
    return text


def _read_api_url(text: str | None, *, port: int) -> str:
    if text is None:
        return f"http://127.0.0.1:{port}"
    parts = _split(text, name="R1PLAN_API_URL", schemes=_API_SCHEMES, example="http://127.0.0.1:8000")
    if not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("R1PLAN_API_URL is no plain address; allowed is a URL such as http://127.0.0.1:8000.")
    return text.rstrip("/")


def _split(text: str, *, name: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        # A port that is no number shows itself only when it is read.
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
        parts = SplitResult("", "", "", "", "")
    if not has_port:
        raise SettingsError(f"{name} is not a URL; allowed is one such as {example}.")
    if parts.scheme not in schemes or "://" not in text:
        beginnings = ", ".join(f"{scheme}://" for scheme in schemes)
        raise SettingsError(f"{name} does not begin with one of {beginnings}; allowed is a URL such as {example}.")
    return parts


def _read_token(text: str) -> str:
    if any(character.isspace() or not character.isprintable() for character in text):
        raise SettingsError("R1PLAN_DISCORD_TOKEN holds a blank or a control character; allowed is the token alone.")
    return text
