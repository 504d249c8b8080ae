"""Who and what there is on the stand-in: users, servers ("guilds"), channels, messages, commands."""

from __future__ import annotations

import base64
import secrets
import time
from datetime import UTC, datetime

from tests.discord_server.rules.problem import Json
from tests.discord_server.shards import ONLY, Shard, hears

EPOCH_MS = 1_420_070_400_000
EVERYONE_MAY = "2248473465835073"
TEXT_CHANNEL, DIRECT_CHANNEL = 0, 1


class World:
    """Everything that the stand-in knows; ids are snowflakes, as texts."""

    def __init__(self, *, bot_name: str = "r1plan") -> None:
        self._latest_ms = 0
        self.bot = self.make_user(bot_name, is_bot=True)
        # an application made since 2016 has the id of its bot
        self.application_id: str = self.bot["id"]
        # a token begins with the bot's id in base64; some libraries read it from there
        start = base64.b64encode(self.application_id.encode()).decode().rstrip("=")
        self.token = f"{start}.stand-in.{secrets.token_urlsafe(20)}"
        self.users: dict[str, Json] = {self.application_id: self.bot}
        self.guilds: dict[str, Json] = {}
        # servers of which the bot is no member: only who has installed it for themselves meets it there
        self.foreign_guilds: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, Json] = {}
        # the key None stands for commands that are not of one guild only
        self.commands: dict[str | None, list[Json]] = {None: []}

    def make_id(self) -> str:
        """Return a new snowflake, with a millisecond of its own: by that Discord spreads servers over shards."""
        self._latest_ms = max(self._latest_ms + 1, int(time.time() * 1000) - EPOCH_MS)
        return str(self._latest_ms << 22)

    def make_user(self, name: str, *, is_bot: bool = False) -> Json:
        """Return a user object that is nowhere yet."""
        return {
            "id": self.make_id(),
            "username": name,
            "discriminator": "0",
            "global_name": name.title(),
            "avatar": None,
            "bot": is_bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }

    def add_user(self, name: str, *guilds: Json) -> Json:
        """Add a user who is a member of `guilds`."""
        user = self.make_user(name)
        self.users[user["id"]] = user
        for guild in guilds:
            guild["members"].append(make_member(user))
        return user

    def add_guild(self, name: str = "Testers", *, locale: str = "en-US", shard: Shard = ONLY) -> Json:
        """Add a server that `shard` hears; the bot is a member, and has a role of its own that bears its name."""
        guild_id = self.make_id()
        while not hears(shard, guild_id):
            guild_id = self.make_id()
        guild = _make_guild(guild_id, name, locale=locale, bot=self.bot)
        everyone: Json = guild["roles"][0]
        own = {"id": self.make_id(), "name": self.bot["username"], "managed": True, "position": 1}
        guild["roles"].append({**everyone, **own, "tags": {"bot_id": self.bot["id"]}})
        guild["members"][0]["roles"] = [own["id"]]
        self.guilds[guild_id] = guild
        self.commands[guild_id] = []
        return self.guilds[guild_id]

    def own_role_id(self, guild_id: str | None) -> str | None:
        """Return the id of the bot's own role in a server; None where the bot is no member."""
        return self.guilds[guild_id]["roles"][1]["id"] if guild_id in self.guilds else None

    def add_foreign_guild(self, name: str = "Elsewhere", *, locale: str = "en-US") -> Json:
        """Add a server of which the bot is no member."""
        guild_id = self.make_id()
        self.foreign_guilds[guild_id] = _make_guild(guild_id, name, locale=locale, bot=self.bot)
        return self.foreign_guilds[guild_id]

    def add_channel(self, guild: Json, name: str = "general") -> Json:
        """Add a text channel to a server."""
        channel: Json = {
            "id": self.make_id(),
            "type": TEXT_CHANNEL,
            "name": name,
            "position": 0,
            "permission_overwrites": [],
            "nsfw": False,
            "topic": None,
            "parent_id": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
            "guild_id": guild["id"],
        }
        self.channels[channel["id"]] = channel
        guild["channels"].append(channel)
        return channel

    def add_direct_channel(self, user: Json) -> Json:
        """Add the private channel of a user and the bot."""
        channel: Json = {
            "id": self.make_id(),
            "type": DIRECT_CHANNEL,
            "last_message_id": None,
            "recipients": [user],
            "flags": 0,
        }
        self.channels[channel["id"]] = channel
        return channel


def write_now() -> str:
    """Return the time as Discord writes it."""
    return datetime.now(tz=UTC).isoformat(timespec="microseconds")


def make_member(user: Json) -> Json:
    """Return a user as a member of a server."""
    return {
        "user": user,
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": write_now(),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def _make_guild(guild_id: str, name: str, *, locale: str, bot: Json) -> Json:
    nothing = dict.fromkeys(
        (
            "icon",
            "splash",
            "discovery_splash",
            "banner",
            "description",
            "vanity_url_code",
            "afk_channel_id",
            "system_channel_id",
            "rules_channel_id",
            "public_updates_channel_id",
            "application_id",
        )
    )
    zero = dict.fromkeys(
        (
            "premium_subscription_count",
            "verification_level",
            "default_message_notifications",
            "explicit_content_filter",
            "mfa_level",
            "system_channel_flags",
            "premium_tier",
            "nsfw_level",
        ),
        0,
    )
    lists = ("features", "emojis", "stickers", "voice_states", "presences", "threads", "stage_instances", "channels")
    everyone: Json = {
        "id": guild_id,
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": EVERYONE_MAY,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    return {
        **nothing,
        **zero,
        **{key: [] for key in (*lists, "guild_scheduled_events", "soundboard_sounds")},
        "id": guild_id,
        "name": name,
        "owner_id": bot["id"],
        "preferred_locale": locale,
        "roles": [everyone],
        "members": [make_member(bot)],
        "joined_at": write_now(),
        "member_count": 2,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "afk_timeout": 300,
        "large": False,
        "premium_progress_bar_enabled": False,
    }
