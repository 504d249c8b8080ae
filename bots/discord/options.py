"""The options that commands are made of: what a person fills in, and what is suggested meanwhile."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, get_args

import discord
from discord import app_commands
from msgspec import Struct

from bots.discord.translations import translatable
from bots.server_settings import LONGEST_NOTE, Name
from bots.suggestions import Suggestion, Suggestions
from bots.words import LANGUAGES, language_of

MOST_SEQUENCES: Final = 100_000
MOST_GPUS: Final = 64
EVERYTHING: Final = "everything"

_Suggest = Callable[[Suggestions, str], Awaitable[list[Suggestion]]]


class Option(Struct, frozen=True, kw_only=True):
    """One option: its type, and the words to choose from or what suggests them."""

    kind: Any = str
    suggest: _Suggest | None = None
    choices: tuple[str, ...] = ()


_GPU: Final = Option(suggest=Suggestions.gpus)
_COUNT: Final = Option(kind=app_commands.Range[int, 1, MOST_GPUS])

OPTIONS: Final[Mapping[str, Option]] = {
    "context": Option(suggest=Suggestions.contexts),
    "batch": Option(kind=app_commands.Range[int, 1, MOST_SEQUENCES]),
    "model": Option(suggest=Suggestions.models),
    "weight_format": Option(suggest=Suggestions.weight_formats),
    "kv_cache_dtype": Option(suggest=Suggestions.kv_cache_dtypes),
    "engine": Option(suggest=Suggestions.engines),
    "gpu": _GPU,
    "gpu_count": _COUNT,
    "gpu_1": _GPU,
    "gpu_2": _GPU,
    "gpu_3": _GPU,
    "gpu_4": _GPU,
    "gpu_5": _GPU,
    "gpu_6": _GPU,
    "providers": Option(suggest=Suggestions.provider_lists),
    "language": Option(choices=LANGUAGES),
    "currency_note": Option(kind=app_commands.Range[str, 1, LONGEST_NOTE]),
    "reset": Option(choices=(*get_args(Name), EVERYTHING)),
    "provider": Option(suggest=Suggestions.providers),
    "region": Option(suggest=Suggestions.regions),
    "pricing": Option(choices=("on_demand", "spot", "buy", "owned")),
    "max_usd_per_hour": Option(kind=app_commands.Range[float, 0.0, None]),
    "min_quality": Option(choices=("lossless", "near_lossless", "degraded", "poor")),
    "objective": Option(choices=("cheapest", "cheapest_per_token", "fastest", "best_quality", "balanced")),
    "vendor": Option(choices=("nvidia", "amd", "intel")),
    "min_visible_memory_gib": Option(kind=app_commands.Range[float, 0.0, None]),
    "question": Option(kind=app_commands.Range[str, 1, 1000]),
    "private": Option(kind=bool),
}

_Callback = Callable[..., Awaitable[None]]


def make_command(
    name: str, callback: _Callback, *, takes: Sequence[str] = (), needs: Sequence[str] = (), suggestions: Suggestions
) -> app_commands.Command[Any, Any, Any]:
    """Return the command `name` with the options `needs` and `takes`; `callback` gets the interaction and those given.

    discord.py reads the options of a command from the parameters of its callback: here they are written from the table,
    so that commands can share them.
    """

    async def run(interaction: discord.Interaction, **given: object) -> None:
        await callback(interaction, **{option: value for option, value in given.items() if value is not None})

    options = (*needs, *takes)
    run.__signature__ = inspect.Signature(  # pyright: ignore[reportFunctionMemberAccess] - a function's own, for inspect
        [
            inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction),
            *(_parameter(option, is_needed=option in needs) for option in options),
        ]
    )
    described: Any = run
    described = app_commands.describe(**{one: translatable(f"options/{one}/description") for one in options})(described)
    described = app_commands.rename(**{one: translatable(f"options/{one}/name") for one in options})(described)
    described = app_commands.choices(**{one: _choices(OPTIONS[one]) for one in options if OPTIONS[one].choices})(
        described
    )
    completed = {one: _completer(OPTIONS[one].suggest, suggestions) for one in options if OPTIONS[one].suggest}
    if completed:
        described = app_commands.autocomplete(**completed)(described)
    return app_commands.Command(
        name=translatable(f"commands/{name}/name"),
        description=translatable(f"commands/{name}/description"),
        callback=described,
    )


def _parameter(name: str, *, is_needed: bool) -> inspect.Parameter:
    kind = OPTIONS[name].kind
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=kind if is_needed else kind | None,
        default=inspect.Parameter.empty if is_needed else None,
    )


def _choices(option: Option) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=translatable(f"choices/{value}"), value=value) for value in option.choices]


def _completer(suggest: _Suggest | None, suggestions: Suggestions) -> Any:  # noqa: ANN401 - as discord.py takes it
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = [] if suggest is None else await suggest(suggestions, current)
        language = language_of(interaction.locale.value)
        return [app_commands.Choice(name=item.label_in(language), value=item.value) for item in found]

    return complete
