"""The bot's settings: environment variables, read once at the start."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import platformdirs

DEFAULT_API_URL = "http://127.0.0.1:8000"
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
MOST_SHARDS = 1000
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class InvalidSetting(ValueError):
    """An environment variable holds what cannot be used; the message names it and says what is allowed."""


class Secret:
    """A text that no log line, repr or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hold `text`; only `reveal` gives it back."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        """Stand for the text in anything printed."""
        return "Secret(...)"


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every client of the API needs to know before it starts.

    `api_url` has no trailing slash; `api_key` is the key that is sent with every request, or None; `log_level` one of
    `LOG_LEVELS`.
    """

    api_url: str
    api_key: Secret | None = None
    log_level: str = "INFO"


class Settings(ApiSettings, frozen=True, kw_only=True):
    """What the Discord bot needs to know.

    `public_url` is the address under which others reach the API, for links, or None; `redis_url` is where what is too
    long for a button is kept, or None. `shards` is how many connections to Discord are opened, None as many as Discord
    advises. `health_port` is where health and figures are served on `health_host`, None nowhere. `user_per_minute` and
    `server_per_minute` are how many questions of a person and of a server are answered. `servers_file` is where the
    settings of servers are kept where there is no Redis.
    """

    discord_token: Secret
    public_url: str | None = None
    redis_url: Secret | None = None
    shards: int | None = 1
    health_host: str = "127.0.0.1"
    health_port: int | None = None
    user_per_minute: int = 20
    server_per_minute: int = 200
    servers_file: Path


def read_api_settings(environment: Mapping[str, str]) -> ApiSettings:
    """Return the settings of a client of the API that `environment` holds; raises InvalidSetting."""
    key = environment.get("R1PLAN_API_KEY", "").strip()
    return ApiSettings(
        api_url=_url("R1PLAN_API_URL", environment.get("R1PLAN_API_URL", "").strip() or DEFAULT_API_URL),
        api_key=_secret("R1PLAN_API_KEY", key) if key else None,
        log_level=_log_level(environment.get("R1PLAN_LOG_LEVEL", "").strip() or "INFO"),
    )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that `environment` holds.

    Raises:
        InvalidSetting: at the first variable that is missing or wrong. A secret is never part of the message.

    """
    api = read_api_settings(environment)
    public = environment.get("R1PLAN_PUBLIC_URL", "").strip()
    return Settings(
        api_url=api.api_url,
        api_key=api.api_key,
        log_level=api.log_level,
        discord_token=_token(environment.get("R1PLAN_DISCORD_TOKEN", "").strip()),
        public_url=_url("R1PLAN_PUBLIC_URL", public) if public else _if_public(api.api_url),
        redis_url=_redis_url(environment.get("R1PLAN_REDIS_URL", "").strip()),
        shards=_shards(environment.get("R1PLAN_DISCORD_SHARDS", "").strip() or "1"),
        health_host=environment.get("R1PLAN_BOT_HOST", "").strip() or "127.0.0.1",
        health_port=_number("R1PLAN_BOT_PORT", environment, most=65_535),
        user_per_minute=_number("R1PLAN_BOT_RATE_PER_USER", environment) or 20,
        server_per_minute=_number("R1PLAN_BOT_RATE_PER_SERVER", environment) or 200,
        servers_file=_servers_file(environment.get("R1PLAN_BOT_SETTINGS_FILE", "").strip()),
    )


def _url(name: str, text: str) -> str:
    wrong = f"{name} is {text!r}: give an http:// or https:// address, such as {DEFAULT_API_URL}"
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise InvalidSetting(wrong) from error
    if not is_usable or parts.query or parts.fragment:
        raise InvalidSetting(wrong)
    return text.rstrip("/")


def _if_public(url: str) -> str | None:
    """Return the address where others may reach it too: a name with a dot in it, or an address of the internet."""
    host = urlsplit(url).hostname or ""
    try:
        return url if ip_address(host).is_global else None
    except ValueError:
        return url if "." in host else None


def _shards(text: str) -> int | None:
    if text.lower() == "auto":
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_SHARDS):
        message = f"R1PLAN_DISCORD_SHARDS is {text[:40]!r}: give auto, or a number from 1 to {MOST_SHARDS}"
        raise InvalidSetting(message)
    return int(text)


def _number(name: str, environment: Mapping[str, str], *, most: int = 100_000) -> int | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        message = f"{name} is {text[:40]!r}: give a whole number from 1 to {most}"
        raise InvalidSetting(message)
    return int(text)


def _servers_file(text: str) -> Path:
    return Path(text) if text else Path(platformdirs.user_data_dir("r1plan", appauthor=False)) / "bot-settings.json"


def _redis_url(text: str) -> Secret | None:
    if text and not text.startswith(REDIS_SCHEMES):
        # it may hold a password
        message = f"R1PLAN_REDIS_URL is no address of a Redis: it begins with one of {', '.join(REDIS_SCHEMES)}"
        raise InvalidSetting(message)
    return Secret(text) if text else None


def _token(text: str) -> Secret:
    if not text:
        message = "R1PLAN_DISCORD_TOKEN is not set: give the token of the Discord application's bot"
        raise InvalidSetting(message)
    return _secret("R1PLAN_DISCORD_TOKEN", text)


def _secret(name: str, text: str) -> Secret:
    if not text.isascii() or any(character.isspace() for character in text):
        message = f"{name} holds a space or a character that none has: copy it again"
        raise InvalidSetting(message)
    return Secret(text)


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in LOG_LEVELS:
        message = f"R1PLAN_LOG_LEVEL is {text!r}: give one of {', '.join(LOG_LEVELS)}"
        raise InvalidSetting(message)
    return level
