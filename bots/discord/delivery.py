"""From a message to what discord.py sends, and into the right place: public, private, or over what stands there."""

import io
from typing import Any

import discord
from discord import ui

from bots.controls import Button, Link, Row, Select
from bots.custom_ids import write_custom_id, write_state
from bots.message import Message, Picture
from bots.states import States

_PUBLIC_COLOUR = 0x2F6FB5
_PRIVATE_COLOUR = 0x8A8F98


async def to_parts(message: Message, *, owner_id: int, states: States) -> dict[str, Any]:
    """Return the content, boxes and buttons of a message, as a method of discord.py that sends takes them."""
    return {
        "content": message.content,
        "embeds": to_embeds(message),
        "view": await _to_view(message.rows, owner_id=owner_id, states=states),
    }


async def send_reply(to: discord.Message, message: Message, *, owner_id: int, states: States) -> None:
    """Reply to a message of a person."""
    parts = await to_parts(message, owner_id=owner_id, states=states)
    files = _files(message.picture)
    await to.reply(**parts, files=files, mention_author=False)


async def fill_in(interaction: discord.Interaction, message: Message, *, states: States, is_private: bool) -> None:
    """Put the message in the place of "thinking"; what only the asker should see replaces a public one privately."""
    owner_id = interaction.user.id
    parts = await to_parts(message, owner_id=owner_id, states=states)
    if message.is_private and not is_private:
        await interaction.delete_original_response()
        await interaction.followup.send(**parts, files=_files(message.picture), ephemeral=True)
    else:
        await interaction.edit_original_response(**parts, attachments=_files(message.picture))


async def put_over(interaction: discord.Interaction, message: Message, *, states: States) -> None:
    """Put the message in the place of the one whose button was pressed; what is private is told beside it."""
    parts = await to_parts(message, owner_id=interaction.user.id, states=states)
    if message.is_private:
        await interaction.followup.send(**parts, ephemeral=True)
    else:
        await interaction.edit_original_response(**parts, attachments=_files(message.picture))


def to_embeds(message: Message) -> list[discord.Embed]:
    """Return the message's box, or nothing where it has only its one line."""
    if not (message.title or message.description or message.fields or message.footer or message.picture):
        return []
    embed = discord.Embed(
        title=message.title or None,
        description=message.description or None,
        colour=_PRIVATE_COLOUR if message.is_private else _PUBLIC_COLOUR,
    )
    for field in message.fields:
        embed.add_field(name=field.name, value=field.value, inline=False)
    if message.footer:
        embed.set_footer(text=message.footer)
    if message.picture is not None:
        embed.set_image(url=f"attachment://{message.picture.name}")
    return [embed]


async def _to_view(rows: tuple[Row, ...], *, owner_id: int, states: States) -> ui.View:
    """Return the buttons and selects; their custom ids say everything, so discord.py need not remember them."""
    view = ui.View(timeout=None)
    number = 0
    for place, row in enumerate(rows):
        for control in row:
            match control:
                case Link():
                    view.add_item(ui.Button(label=control.label, url=control.url, row=place))
                case Button() | Select():
                    state = await write_state(control.enquiry, states=states)
                    custom_id = write_custom_id(control.action, number=number, owner_id=owner_id, state=state)
                    view.add_item(_item(control, custom_id=custom_id, row=place))
                    number += 1
    # a view that is not stopped is kept for good, one for each message ever sent
    view.stop()
    return view


def _item(control: Button | Select, *, custom_id: str, row: int) -> ui.Item[ui.View]:
    if isinstance(control, Button):
        return ui.Button(label=control.label, custom_id=custom_id, disabled=control.is_off, row=row)
    options = [
        discord.SelectOption(label=choice.label, value=choice.value, description=choice.note or None)
        for choice in control.choices
    ]
    return ui.Select(placeholder=control.placeholder, custom_id=custom_id, options=options, row=row)


def _files(picture: Picture | None) -> list[discord.File]:
    return [] if picture is None else [discord.File(io.BytesIO(picture.content), filename=picture.name)]


def custom_ids_of(message: discord.Message) -> list[str]:
    """Return the custom ids of everything that can be pressed below a message."""
    found: list[str] = []
    for row in message.components:
        children = row.children if isinstance(row, discord.ActionRow) else []
        found += [child.custom_id for child in children if child.custom_id]
    return found
