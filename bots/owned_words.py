"""The machine of one's own that an option runs on, in words: what of it is free, and who holds the rest."""

from bots.deployments import Option, Taken
from bots.figures import show_moment
from bots.message import Field, plain
from bots.option_words import node_words
from bots.words import Words


def owned_field(option: Option, *, words: Words) -> Field | None:
    """Return what is free of the option's machine and until when the rest is taken; None where it is not one's own."""
    owned = option.owned
    if owned is None:
        return None
    node = node_words(option)
    lines = [
        words.say("owned_free", node=node, site=owned.site or "?", free=owned.free_gpus, count=owned.gpu_count),
        *(_taken_words(taken, words=words) for taken in owned.taken or []),
    ]
    if owned.free_until:
        lines.append(words.say("owned_promised", start=show_moment(owned.free_until)))
    return Field(name=words.say("owned"), value="\n".join(map(plain, lines)))


def _taken_words(taken: Taken, *, words: Words) -> str:
    return words.say("owned_taken", count=taken.gpu_count, owner=taken.owner or "?", end=show_moment(taken.end))
