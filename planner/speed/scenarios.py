"""What a benchmark observes, in terms of steps and prompts: one formula for each kind of run."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from msgspec import Struct

from planner.speed.roofline import Physics, further_prompt_seconds, prompt_seconds, step_seconds
from planner.speed.settings import Floats, Settings

_ROUNDS = 25


class Load(Struct, frozen=True, kw_only=True):
    """What the server is given, as arrays of the settings' shape.

    `batch` is the sequences that decode together, `depth` the tokens each holds on average; of `requests` in all the
    longest takes `longest_output_tokens`, and they run in `waves` where memory does not hold them all at once.
    """

    prompt_tokens: Floats
    output_tokens: Floats
    batch: Floats
    depth: Floats
    requests: Floats
    requests_per_second: Floats
    longest_output_tokens: Floats
    waves: Floats


class Run:
    """A load on settings of these physics; what several formulas need is worked out once."""

    def __init__(self, settings: Settings, values: Physics, load: Load) -> None:
        """Keep the three together; nothing is worked out before it is needed."""
        self.settings = settings
        self.values = values
        self.load = load

    @cached_property
    def step(self) -> Floats:
        """Seconds of a decode step of the whole batch."""
        return self.step_of(self.load.batch)

    @cached_property
    def prompt(self) -> Floats:
        """Seconds of one prompt alone on the GPU."""
        return prompt_seconds(self.settings, self.values, tokens=self.load.prompt_tokens)

    @cached_property
    def further_prompt(self) -> Floats:
        """Seconds that one more prompt adds where many are worked on together."""
        return further_prompt_seconds(self.settings, self.values, tokens=self.load.prompt_tokens)

    @cached_property
    def next_request(self) -> Floats:
        """Seconds in which a busy server starts one more request."""
        return self.further_prompt + self.values.request_overhead_seconds

    @cached_property
    def prompt_done(self) -> Floats:
        """Seconds until a request's prompt is done on an idle server."""
        return self.values.first_token_overhead_seconds + self.prompt

    def step_of(self, batch: Floats) -> Floats:
        """Return the seconds of a decode step of another batch."""
        return step_seconds(self.settings, self.values, batch=batch, depth=self.load.depth)


def decode_step(run: Run) -> Floats:
    """Return the seconds between two tokens of one request in a batch."""
    return run.step


def first_token(run: Run) -> Floats:
    """Return the seconds to the first token on an idle server."""
    alone = step_seconds(run.settings, run.values, batch=np.ones_like(run.load.batch), depth=run.load.prompt_tokens)
    return run.prompt_done + run.values.first_token_delay_steps * alone


def prompt_rate(run: Run) -> Floats:
    """Return prompt tokens per second of one prompt alone."""
    return run.load.prompt_tokens / run.prompt


def prompt_rate_of_a_request(run: Run) -> Floats:
    """Return prompt tokens per second with what comes before the prompt."""
    return run.load.prompt_tokens / run.prompt_done


def single_request(run: Run) -> Floats:
    """Return the seconds of one request from end to end on an idle server."""
    return run.prompt_done + run.load.output_tokens * run.step


def static_batch(run: Run) -> Floats:
    """Return the seconds of a batch that starts and ends together."""
    prompts = run.prompt_done + (run.load.batch - 1.0) * run.further_prompt
    return prompts + run.load.output_tokens * run.step


def burst(run: Run) -> Floats:
    """Return the seconds in which a server finishes requests that all arrive at once."""
    return run.load.requests * run.next_request + run.load.waves * run.load.longest_output_tokens * run.step


def saturated_rate(run: Run) -> Floats:
    """Return output tokens per second of a server that always holds `batch` requests."""
    shared = run.load.output_tokens * run.step + run.prompt_done - run.further_prompt
    return run.load.output_tokens / (run.next_request + shared / run.load.batch)


def gap_under_load(run: Run) -> Floats:
    """Return the mean seconds between two tokens of one request on a server that always holds `batch` requests.

    Each of the others ends and is followed by a new one, whose prompt is worked on in between.
    """
    return run.step + (run.load.batch - 1.0) / run.load.output_tokens * run.next_request


def gap_under_arrivals(run: Run) -> Floats:
    """Return the mean seconds between two tokens of one request where requests arrive at a rate.

    By Little's law a server holds as many as arrive while one is decoded: fewer in a run of few requests, which starts
    and ends empty, and never more than `batch`. Each that it holds is followed by another, whose prompt is worked on in
    between.
    """
    load = run.load
    held = np.ones_like(load.batch)
    gap = run.step_of(held)
    for _ in range(_ROUNDS):
        wanted = load.requests_per_second * load.output_tokens * gap
        held = np.clip(wanted / (1.0 + wanted / load.requests), 1.0, load.batch)
        gap = run.step_of(held) + held / load.output_tokens * run.next_request
    return gap


SCENARIOS: dict[str, Callable[[Run], Floats]] = {
    "decode_step": decode_step,
    "first_token": first_token,
    "prompt_rate": prompt_rate,
    "prompt_rate_of_a_request": prompt_rate_of_a_request,
    "single_request": single_request,
    "static_batch": static_batch,
    "burst": burst,
    "saturated_rate": saturated_rate,
    "gap_under_arrivals": gap_under_arrivals,
}
