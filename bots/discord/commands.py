"""The slash commands: what each asks the desk."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

import discord
from discord import app_commands

from bots.discord.asker import Asker, asker_in_server, asker_of
from bots.discord.delivery import fill_in, to_embeds
from bots.discord.office import Office
from bots.discord.options import make_command
from bots.enquiry import Enquiry, FieldValue, Task
from bots.message import Message
from bots.suggestions import Suggestions

_LOAD: Final = ("context", "batch", "model", "weight_format", "kv_cache_dtype", "engine")
_COMPARED: Final = tuple(f"gpu_{number}" for number in range(1, 7))

_TAKES: Final[Mapping[Task, tuple[str, ...]]] = {
    "plan": (*_LOAD, "gpu", "provider", "region", "pricing", "max_usd_per_hour", "min_quality", "objective"),
    "fit": ("gpu_count", *_LOAD, "min_quality"),
    "limits": ("gpu_count", "model", "weight_format", "kv_cache_dtype", "engine"),
    "compare": (*_COMPARED[2:], *_LOAD),
    "gpus": ("vendor", "min_visible_memory_gib"),
    "models": (),
}
_NEEDS: Final[Mapping[Task, tuple[str, ...]]] = {"fit": ("gpu",), "limits": ("gpu",), "compare": _COMPARED[:2]}

_Ask = Callable[[Asker], Awaitable[Message]]


class Commands:
    """The commands of the bot."""

    def __init__(self, office: Office) -> None:
        """Answer from the desk of `office`."""
        self._office = office

    def add_to(self, tree: app_commands.CommandTree[Any], *, suggestions: Suggestions) -> None:
        """Add every command to the tree."""
        for task, takes in _TAKES.items():
            command = make_command(
                task,
                self._task_callback(task),
                needs=_NEEDS.get(task, ()),
                takes=(*takes, "private"),
                suggestions=suggestions,
            )
            tree.add_command(command)
        ask = make_command("ask", self._ask, needs=("question",), takes=("private",), suggestions=suggestions)
        tree.add_command(ask)
        tree.add_command(make_command("help", self._help, suggestions=suggestions))

    def _task_callback(self, task: Task) -> Callable[..., Awaitable[None]]:
        async def answer(interaction: discord.Interaction, *, private: bool = False, **given: FieldValue) -> None:
            async def ask(asker: Asker) -> Message:
                enquiry = Enquiry(task=task, fields=_as_fields(given), language=asker.language)
                return await self._office.desk.show(enquiry, server=asker.server)

            await self._answer(interaction, ask, is_private=private)

        return answer

    async def _ask(self, interaction: discord.Interaction, *, question: str, private: bool = False) -> None:
        async def ask(asker: Asker) -> Message:
            return await self._office.desk.ask(question, language=asker.language, server=asker.server)

        await self._answer(interaction, ask, is_private=private)

    async def _answer(self, interaction: discord.Interaction, ask: _Ask, *, is_private: bool) -> None:
        with self._office.work.under_way("command") as job:
            await interaction.response.defer(ephemeral=is_private, thinking=True)
            job.note_first_answer()
            asker = await asker_in_server(interaction, servers=self._office.servers, is_public=not is_private)
            message = await ask(asker)
            job.outcome = message.outcome
            await fill_in(interaction, message, states=self._office.states, is_private=is_private)

    async def _help(self, interaction: discord.Interaction) -> None:
        with self._office.work.under_way("command") as job:
            message = self._office.compose_help(asker_of(interaction).language)
            await interaction.response.send_message(message.content, embeds=to_embeds(message), ephemeral=True)
            job.note_first_answer()


def _as_fields(given: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the fields of the API's request; the machines of a comparison are one field with several values."""
    fields = {name: value for name, value in given.items() if name not in _COMPARED}
    compared = [cast("str", given[name]) for name in _COMPARED if name in given]
    return {**fields, "gpu": [*compared]} if compared else fields
