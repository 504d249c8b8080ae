"""What the bot says about a server's settings: always to whoever manages them alone."""

from typing import Literal, TypeAlias

from bots.figures import show_value
from bots.message import Field, Message, compose, plain
from bots.option_words import bullets
from bots.server_settings import Name, ServerSettings, UnknownName
from bots.words import Words

Done: TypeAlias = Literal["settings_shown", "settings_changed"]


def settings_message(settings: ServerSettings, *, done: Done, words: Words) -> Message:
    """Return the message with the settings as they are now."""
    lines = [f"{words.field(name)}: {_shown(name, value, words=words)}" for name, value in settings.given().items()]
    return compose(
        content=words.say(done),
        description=bullets(lines) if lines else words.say("settings_none"),
        footer=words.say("settings_meaning"),
        is_private=True,
    )


def unknown_name_message(error: UnknownName, *, words: Words) -> Message:
    """Return the message for a region or provider that the API does not know."""
    # one provider of the list is wrong
    what = "provider" if error.name == "providers" else error.name
    said = words.say("settings_unknown", what=words.field(what), value=error.value)
    nearest = [Field(name=words.say("nearest"), value=plain(", ".join(error.nearest)))] if error.nearest else []
    return compose(content=plain(said), fields=nearest, is_private=True)


def _shown(name: Name, value: object, *, words: Words) -> str:
    return words.choices.get(str(value)) or show_value(name, value, words=words)
