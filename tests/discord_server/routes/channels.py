"""Messages in channels, and the sign that the bot is typing."""

from __future__ import annotations

from tests.discord_server.exchange import NO_CONTENT, Answer, Exchange, refuse
from tests.discord_server.messages import edit_message, make_message
from tests.discord_server.publisher import Publisher
from tests.discord_server.world import World


class ChannelRoutes:
    """What a bot does in a channel by itself."""

    def __init__(self, world: World, publisher: Publisher) -> None:
        self._world = world
        self._publisher = publisher

    async def show_typing(self, exchange: Exchange) -> Answer:
        """Let the bot be seen typing."""
        is_known = exchange.parameters["channel_id"] in self._world.channels
        return NO_CONTENT if is_known else refuse(404, 10003, "Unknown Channel")

    async def send(self, exchange: Exchange) -> Answer:
        """Add a message of the bot."""
        channel_id = exchange.parameters["channel_id"]
        if channel_id not in self._world.channels:
            return refuse(404, 10003, "Unknown Channel")
        message = make_message(self._world, self._world.bot, channel_id, exchange.body, files=exchange.files)
        await self._publisher.publish(message)
        return Answer(body=message)

    async def edit(self, exchange: Exchange) -> Answer:
        """Change a message of the bot."""
        message = self._world.messages.get(exchange.parameters["message_id"])
        if message is None:
            return refuse(404, 10008, "Unknown Message")
        if message["author"]["id"] != self._world.application_id:
            return refuse(403, 50005, "Cannot edit a message authored by another user")
        edit_message(self._world, message, exchange.body, files=exchange.files)
        await self._publisher.publish(message, is_new=False)
        return Answer(body=message)
