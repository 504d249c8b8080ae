"""The launch command of an answer, to be copied."""

from bots.answers import AskedAnswer
from bots.deployments import Option
from bots.message import DESCRIPTION_SHARE, Field, Message, code_block, compose, length, plain
from bots.option_words import bullets, deployment_words, gpu_words, request_words
from bots.words import Words


def launch_message(answer: AskedAnswer, *, words: Words) -> Message:
    """Return the private message with the command that starts the best option, or what was judged."""
    option: Option | None = next(iter(answer.options or []), None)
    if answer.outcome == "judgement":
        option = answer.judgement
    launch = option.launch if option is not None else None
    if option is None or launch is None or not launch.command:
        return compose(content=words.say("no_launch"), is_private=True)
    notes = list(launch.notes or [])
    checkpoint = option.checkpoint
    if checkpoint is not None and checkpoint.published is False and checkpoint.how_to_make:
        notes.append(words.say("unpublished", how=checkpoint.how_to_make))
    return compose(
        content=plain(
            words.say(
                "launch_for",
                gpus=gpu_words(option),
                deployment=deployment_words(option, answer, words=words),
                load=request_words(answer, words=words),
            )
        ),
        description=_command_block(launch.command, words=words),
        fields=[Field(name=words.say("before_launch"), value=bullets(notes))] if notes else [],
        is_private=True,
    )


def _command_block(command: str, *, words: Words) -> str:
    """Return the command whole or not at all: half a command would start something else than what was planned."""
    block = code_block(command, "bash")
    return block if length(block) <= DESCRIPTION_SHARE else words.say("launch_too_long", count=f"{len(command):,}")
