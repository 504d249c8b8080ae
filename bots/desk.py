"""Where enquiries are answered: asks the API and makes the message; knows nothing of Discord."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from bots.answers import AskedAnswer
from bots.client import PlannerClient, PlannerError, PlannerGivenUp, PlannerUnreadable
from bots.enquiry import Enquiry
from bots.inventory_replies import gpus_message, gpus_pages, models_message, models_pages
from bots.launch_replies import launch_message
from bots.message import Message, Picture
from bots.most import at_the_most, with_the_most
from bots.outcomes import Trouble, outcome_of, trouble_of
from bots.questions import enquiry_of
from bots.readings import Reading, reading_of_enquiry, reading_of_question
from bots.refinements import LARGEST_CONTEXT, list_rows
from bots.replies import LONGEST_QUESTION, apology, ask_back, reply, reply_to_error, reply_to_too_long
from bots.server_settings import NO_SETTINGS, ServerSettings
from bots.shelf import Shelf
from bots.words import Language, words_for

CHART_NAME: Final = "price-speed.png"
MOST_CHART_BYTES: Final = 8_000_000
CHART_SECONDS: Final = 4.0
"""How long a plan waits for its chart."""

# what the question reader calls a question that is answered by each path
_INTENTS: Final[Mapping[str, str]] = {"limits": "fit"}
_log = logging.getLogger(__name__)


def _ignore(_: Trouble) -> None:
    pass


class Desk:
    """Turns enquiries and questions into messages; an API that gives no answer makes a private message too.

    The settings of a `server` fill in what an enquiry leaves out; what can be pressed below an answer leads on from
    what was said, so that it is filled in anew.
    """

    def __init__(
        self, planner: PlannerClient, *, public_url: str | None, on_trouble: Callable[[Trouble], None] = _ignore
    ) -> None:
        """Ask `planner`; `public_url` is the address under which others reach the same API, None where none does.

        `on_trouble` is told each time that the API gives no answer.
        """
        self._planner = planner
        self._on_trouble = on_trouble
        self._public_url = public_url
        # a node that was added is offered some minutes later, so that answers need not ask for it each time
        self._nodes = Shelf(planner.nodes)
        self._models = Shelf(planner.models)

    async def show(self, enquiry: Enquiry, *, server: ServerSettings = NO_SETTINGS) -> Message:
        """Return the message that answers `enquiry`."""
        return await self._guard(enquiry.language, lambda: self._show(enquiry, server=server))

    async def ask(
        self,
        question: str,
        *,
        language: Language,
        previous: Enquiry | None = None,
        server: ServerSettings = NO_SETTINGS,
    ) -> Message:
        """Return the message that answers `question`; it changes what `previous` asked for, where there is one."""
        return await self._guard(
            language, lambda: self._ask(question, language=language, previous=previous, server=server)
        )

    async def launch(self, enquiry: Enquiry, *, server: ServerSettings = NO_SETTINGS) -> Message:
        """Return the private message with the launch command of what `enquiry` leads to."""

        async def answer() -> Message:
            filled = server.fill_in(enquiry)
            found = await self._planner.answer(filled.path, filled.parameters())
            return launch_message(found, words=words_for(enquiry.language))

        return await self._guard(enquiry.language, answer)

    async def _guard(self, language: Language, answer: Callable[[], Awaitable[Message]]) -> Message:
        try:
            return await answer()
        except PlannerError as error:
            self._on_trouble(trouble_of(error))
            _log.info("no answer from the planner: %s %s", trouble_of(error), error)
            words = words_for(language)
            is_given_up = isinstance(error, PlannerGivenUp)
            message = apology(words.say("restarting")) if is_given_up else reply_to_error(error, words=words)
            return msgspec.structs.replace(message, outcome=outcome_of(error))

    async def _show(self, enquiry: Enquiry, *, server: ServerSettings) -> Message:
        words = words_for(enquiry.language)
        if enquiry.task == "gpus":
            gpus = await self._planner.gpus(enquiry.parameters())
            rows = list_rows(enquiry, pages=gpus_pages(gpus), link=self._link(enquiry), words=words)
            return msgspec.structs.replace(gpus_message(gpus, enquiry=enquiry, words=words), rows=rows)
        if enquiry.task == "models":
            models = await self._planner.models()
            rows = list_rows(enquiry, pages=models_pages(models), link=self._link(enquiry), words=words)
            return msgspec.structs.replace(models_message(models, enquiry=enquiry, words=words), rows=rows)
        filled = server.fill_in(enquiry)
        answer = await self._planner.answer(filled.path, filled.parameters())
        return await self._compose(
            answer, enquiry=enquiry, reading=reading_of_enquiry(enquiry), filled=filled, server=server
        )

    async def _ask(
        self, question: str, *, language: Language, previous: Enquiry | None, server: ServerSettings
    ) -> Message:
        words = words_for(language)
        if len(question) > LONGEST_QUESTION:
            return msgspec.structs.replace(reply_to_too_long(question, words=words), outcome="refused")
        asked = await self._planner.ask(question, previous=None if previous is None else _as_previous(previous))
        enquiry = enquiry_of(asked, language=language)
        if asked.ambiguous:
            return ask_back(asked, enquiry=enquiry, words=words)
        filled = server.fill_in(enquiry)
        answer = asked.answer if filled == enquiry else await self._planner.answer(filled.path, filled.parameters())
        if answer is None:
            raise PlannerUnreadable("the question came back without an answer")
        reading = reading_of_question(asked)
        return await self._compose(answer, enquiry=enquiry, reading=reading, filled=filled, server=server)

    async def _compose(
        self, answer: AskedAnswer, *, enquiry: Enquiry, reading: Reading, filled: Enquiry, server: ServerSettings
    ) -> Message:
        """Return the message for the answer to `enquiry` as the server's settings have `filled` it in."""
        added = {name: value for name, value in filled.fields.items() if name not in enquiry.fields}
        reading = msgspec.structs.replace(reading, from_server=added, price_note=server.currency_note)
        words = words_for(enquiry.language)
        most = at_the_most(filled, answer)
        if most is not None:
            answer = with_the_most(answer, await self._planner.answer(most.path, most.parameters()))
        has_own_machines, longest_context = await asyncio.gather(
            self._has_own_machines(enquiry), self._longest_context(answer)
        )
        message = reply(
            answer,
            enquiry=enquiry,
            reading=reading,
            link=self._link(filled),
            has_own_machines=has_own_machines,
            longest_context=longest_context,
            words=words,
        )
        return await self._draw(message, filled) if answer.outcome == "plan" else message

    async def _draw(self, message: Message, enquiry: Enquiry) -> Message:
        """Return the message with the chart of the plan; one that cannot be had leaves the message as it is."""
        try:
            async with asyncio.timeout(CHART_SECONDS):
                content = await self._planner.chart(enquiry.parameters())
        except (PlannerError, TimeoutError) as error:
            trouble = trouble_of(error) if isinstance(error, PlannerError) else "slow"
            self._on_trouble(trouble)
            _log.warning("an answer goes without its chart: %s %s", trouble, error)
            return message
        if len(content) > MOST_CHART_BYTES:
            return message
        return msgspec.structs.replace(message, picture=Picture(name=CHART_NAME, content=content))

    async def _has_own_machines(self, enquiry: Enquiry) -> bool | None:
        if enquiry.task != "plan":
            return None
        nodes = await self._nodes.items()
        return bool(nodes) if self._nodes.is_known else None

    async def _longest_context(self, answer: AskedAnswer) -> int:
        """Return the longest context that a model of the answer can hold."""
        used = answer.model and (answer.model.model_ids or [answer.model.model_id])
        models = await self._models.items() if used else []
        longest = [one.max_position_embeddings for one in models if one.model_id in (used or [])]
        return int(max(filter(None, longest), default=LARGEST_CONTEXT))

    def _link(self, enquiry: Enquiry) -> str | None:
        if self._public_url is None:
            return None
        query = urlencode(enquiry.parameters())
        return f"{self._public_url}/v1/{enquiry.path}" + (f"?{query}" if query else "")


def _as_previous(enquiry: Enquiry) -> dict[str, object]:
    return {"intent": _INTENTS.get(enquiry.task, enquiry.task), "request": dict(enquiry.said)}
