"""Buttons, selects and forms: what they say in their custom ids is all that is needed, so they outlive a restart.

A message is changed only for the person for whom it was made; somebody else gets a private answer of their own.
"""

import logging
from typing import Any, Final

import discord
import msgspec
from discord import ui

from bots.custom_ids import Press, read_custom_id, read_state, write_custom_id
from bots.discord.asker import Asker, asker_in_server, asker_of
from bots.discord.delivery import fill_in, put_over
from bots.discord.office import Office
from bots.discord.work import Job
from bots.enquiry import Enquiry
from bots.message import Message
from bots.refinements import choose_gpu
from bots.replies import LONGEST_QUESTION, reply_to_lost
from bots.server_settings import ServerSettings

_WORDS_ID: Final = "words"
_log = logging.getLogger(__name__)


def opens_form(interaction: discord.Interaction) -> bool:
    """Return whether this press only asks for the form; the question comes when the form is sent."""
    press = read_custom_id(str((interaction.data or {}).get("custom_id", "")))
    is_press = interaction.type is discord.InteractionType.component
    return is_press and press is not None and press.action == "words"


def said_in(interaction: discord.Interaction) -> str:
    """Return what was typed into the form that was sent; nothing where it was none."""
    is_form = interaction.type is discord.InteractionType.modal_submit
    return _said(dict(interaction.data or {})) if is_form else ""


class Presses:
    """What follows a press."""

    def __init__(self, office: Office) -> None:
        """Answer from the desk of `office`."""
        self._office = office

    async def handle(self, interaction: discord.Interaction) -> None:
        """Answer the use of a button, a select or a form; anything else is left alone."""
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        data: dict[str, Any] = dict(interaction.data or {})
        press = read_custom_id(str(data.get("custom_id", "")))
        with self._office.work.under_way("press") as job:
            if press is None:
                job.outcome = "lost"
                await self._tell_lost(interaction)
            elif press.action == "words":
                # a form must be the first answer: nothing may be waited for before it
                await interaction.response.send_modal(_form(press, asker_of(interaction)))
            else:
                await self._answer(interaction, press, data, job=job)
                return
            job.note_first_answer()

    async def _answer(self, interaction: discord.Interaction, press: Press, data: dict[str, Any], *, job: Job) -> None:
        is_own = interaction.user.id == press.owner_id and press.action != "launch"
        if is_own:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
        job.note_first_answer()
        is_public = is_own and interaction.message is not None and not interaction.message.flags.ephemeral
        asker = await asker_in_server(interaction, servers=self._office.servers, is_public=is_public)
        enquiry = await read_state(press.state, states=self._office.states)
        if enquiry is None:
            message = msgspec.structs.replace(reply_to_lost(words=asker.words), outcome="lost")
        else:
            message = await self._follow(press, enquiry.speak(asker.language), data, server=asker.server)
        job.outcome = message.outcome
        if is_own:
            await put_over(interaction, message, states=self._office.states)
        else:
            await fill_in(interaction, message, states=self._office.states, is_private=True)

    async def _follow(self, press: Press, enquiry: Enquiry, data: dict[str, Any], *, server: ServerSettings) -> Message:
        desk = self._office.desk
        match press.action:
            case "launch":
                return await desk.launch(enquiry, server=server)
            case "gpu":
                chosen = choose_gpu(enquiry, str(next(iter(data.get("values", [])), "")))
                return await desk.show(chosen, server=server)
            case "say":
                return await desk.ask(_said(data), language=enquiry.language, previous=enquiry, server=server)
            case _:
                return await desk.show(enquiry, server=server)

    async def _tell_lost(self, interaction: discord.Interaction) -> None:
        _log.info("interaction %s is of a button that is not known here", interaction.id)
        message = reply_to_lost(words=asker_of(interaction).words)
        await interaction.response.send_message(message.content, ephemeral=True)


def _form(press: Press, asker: Asker) -> ui.Modal:
    """Return the form that takes words; it carries what the button carried."""
    custom_id = write_custom_id("say", owner_id=press.owner_id, state=press.state)
    form = ui.Modal(title=asker.words.say("form_title"), custom_id=custom_id)
    entry: ui.TextInput[ui.Modal] = ui.TextInput(
        label=asker.words.say("form_label"),
        custom_id=_WORDS_ID,
        placeholder=asker.words.say("form_example"),
        max_length=LONGEST_QUESTION,
    )
    form.add_item(entry)
    # as with buttons: its custom id says everything
    form.stop()
    return form


def _said(data: dict[str, Any]) -> str:
    """Return what was typed into the form."""
    for row in data.get("components", []):
        for entry in row.get("components", []):
            if entry.get("custom_id") == _WORDS_ID:
                return str(entry.get("value", ""))
    return ""
