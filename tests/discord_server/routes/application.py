"""The bot's user, its application and its commands."""

from __future__ import annotations

from tests.discord_server.exchange import Answer, Exchange
from tests.discord_server.rules.problem import Json
from tests.discord_server.world import World

CHAT_INPUT = 1


class ApplicationRoutes:
    """What a bot asks for at the start."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def show_me(self, _exchange: Exchange) -> Answer:
        """Return the bot's own user."""
        me = {**self._world.bot, "verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}
        return Answer(body=me)

    async def show_application(self, _exchange: Exchange) -> Answer:
        """Return the application that the bot belongs to."""
        world = self._world
        nothing = (
            "icon",
            "team",
            "type",
            "interactions_endpoint_url",
            "role_connections_verification_url",
        )
        zero = (
            "flags",
            "approximate_user_install_count",
            "approximate_user_authorization_count",
            "explicit_content_filter",
        )
        application: Json = {
            **dict.fromkeys(nothing),
            **dict.fromkeys(zero, 0),
            "id": world.application_id,
            "name": world.bot["username"],
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": world.make_user("owner"),
            "flags_new": "0",
            "redirect_uris": [],
            "approximate_guild_count": len(world.guilds),
            "eligible_oauth2_scopes": [],
            "integration_types_config": {"0": {}, "1": {}},
        }
        return Answer(body=application)

    async def list_commands(self, exchange: Exchange) -> Answer:
        """Return the commands of one server, or those that are not of one server only."""
        return Answer(body=self._world.commands.get(exchange.parameters.get("guild_id"), []))

    async def replace_commands(self, exchange: Exchange) -> Answer:
        """Put the commands sent in place of all that there were; a name that stays keeps its id."""
        guild_id = exchange.parameters.get("guild_id")
        sent: list[Json] = exchange.body
        before = {(old["type"], old["name"]): old["id"] for old in self._world.commands.get(guild_id, [])}
        self._world.commands[guild_id] = [
            {
                "name_localizations": None,
                "description_localizations": None,
                "options": [],
                "nsfw": False,
                "type": CHAT_INPUT,
                **command,
                "default_member_permissions": _as_text(command.get("default_member_permissions")),
                "id": before.get((command.get("type", CHAT_INPUT), command["name"])) or self._world.make_id(),
                "application_id": self._world.application_id,
                "version": self._world.make_id(),
                **({"guild_id": guild_id} if guild_id else {}),
            }
            for command in sent
        ]
        return Answer(body=self._world.commands[guild_id])


def _as_text(permissions: int | str | None) -> str | None:
    """Return permissions as Discord tells them, however they were sent."""
    return None if permissions is None else str(permissions)
