"""From a message to what discord.py sends."""

import discord

from bots.message import Message

_PLAN_COLOUR = 0x2F6FB5
_PRIVATE_COLOUR = 0x8A8F98


def to_embeds(message: Message) -> list[discord.Embed]:
    """Return the message's box, or nothing where it has only its one line."""
    if not (message.title or message.description or message.fields or message.footer):
        return []
    embed = discord.Embed(
        title=message.title or None,
        description=message.description or None,
        colour=_PRIVATE_COLOUR if message.is_private else _PLAN_COLOUR,
    )
    for field in message.fields:
        embed.add_field(name=field.name, value=field.value, inline=False)
    if message.footer:
        embed.set_footer(text=message.footer)
    return [embed]
