"""The slash commands: `/plan` and `/help`."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

import discord
from discord import app_commands

from bots.client import PlannerClient, PlannerError
from bots.discord.embeds import to_embeds
from bots.discord.work import Work
from bots.message import Message
from bots.replies import reply_to_error, reply_to_plan
from bots.suggestions import Suggestion, Suggestions

MOST_SEQUENCES = 100_000

_Complete = Callable[[discord.Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def add_plan_command(
    tree: app_commands.CommandTree[Any], *, planner: PlannerClient, suggestions: Suggestions, work: Work
) -> None:
    """Add `/plan`, whose options are the API's query parameters."""

    @tree.command(name="plan", description="The cheapest GPU and quantization that will serve DeepSeek-R1 8B")
    @app_commands.describe(
        context="Tokens of one sequence, prompt and output together, such as 32k",
        batch="Sequences held at full context at the same moment",
        model="Which of the models named DeepSeek-R1 8B",
        weight_format="How the weights are stored, such as fp8 or q4_k_m",
        gpu="A GPU or a family of them, such as rtx-4090 or h100",
        provider="Only offers of this provider",
        pricing="On demand, or spot: cheaper, but it may be taken away",
        max_usd_per_hour="The most to pay per hour for the whole instance, in US dollars",
        min_quality="The least quality against 16-bit weights",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(
        context=_completer(suggestions.contexts),
        model=_completer(suggestions.models),
        weight_format=_completer(suggestions.weight_formats),
        gpu=_completer(suggestions.gpus),
        provider=_completer(suggestions.providers),
    )
    async def plan(  # noqa: PLR0917 # pyright: ignore[reportUnusedFunction] - the tree keeps it, and calls it by name
        interaction: discord.Interaction,
        context: str | None = None,
        batch: app_commands.Range[int, 1, MOST_SEQUENCES] | None = None,
        model: str | None = None,
        weight_format: str | None = None,
        gpu: str | None = None,
        provider: str | None = None,
        pricing: Literal["on_demand", "spot"] | None = None,
        max_usd_per_hour: app_commands.Range[float, 0.0, None] | None = None,
        min_quality: Literal["lossless", "near_lossless", "degraded", "poor"] | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - discord.py reads the options from the parameters
    ) -> None:
        given: dict[str, str | int | float | None] = {
            "context": context,
            "batch": batch,
            "model": model,
            "weight_format": weight_format,
            "gpu": gpu,
            "provider": provider,
            "pricing": pricing,
            "max_usd_per_hour": max_usd_per_hour,
            "min_quality": min_quality,
        }
        fields = {name: value for name, value in given.items() if value is not None}
        with work.under_way():
            await interaction.response.defer(ephemeral=private, thinking=True)
            await _finish(interaction, await _plan_message(planner, fields), is_deferred_private=private)


def add_help_command(tree: app_commands.CommandTree[Any], *, compose_help: Callable[[], Message]) -> None:
    """Add `/help`, which answers privately."""

    @tree.command(name="help", description="What this bot answers and how to ask it")
    async def show_help(interaction: discord.Interaction) -> None:  # pyright: ignore[reportUnusedFunction] - as above
        message = compose_help()
        await interaction.response.send_message(message.content, embeds=to_embeds(message), ephemeral=True)


async def _plan_message(planner: PlannerClient, fields: dict[str, str | int | float]) -> Message:
    try:
        return reply_to_plan(await planner.plan(fields))
    except PlannerError as error:
        return reply_to_error(error)


async def _finish(interaction: discord.Interaction, message: Message, *, is_deferred_private: bool) -> None:
    """Put the message in the place of "thinking"; what only the asker should see replaces a public one privately."""
    if message.is_private and not is_deferred_private:
        await interaction.delete_original_response()
        await interaction.followup.send(message.content, embeds=to_embeds(message), ephemeral=True)
    else:
        await interaction.edit_original_response(content=message.content, embeds=to_embeds(message))


def _completer(suggest: Callable[[str], Awaitable[list[Suggestion]]]) -> _Complete:
    async def complete(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=item.label, value=item.value) for item in await suggest(current)]

    return complete
