"""What a benchmark observes, in terms of steps and prompts: one formula for each kind of run."""

from collections.abc import Callable

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


Formula = Callable[[Settings, Physics, Load], Floats]


def decode_step(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the seconds between two tokens of one request in a batch."""
    return step_seconds(settings, values, batch=load.batch, depth=load.depth)


def first_token(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the seconds to the first token on an idle server."""
    return values.first_token_overhead_seconds + prompt_seconds(settings, values, tokens=load.prompt_tokens)


def prompt_rate(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return prompt tokens per second of one prompt alone."""
    return load.prompt_tokens / prompt_seconds(settings, values, tokens=load.prompt_tokens)


def prompt_rate_of_a_request(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return prompt tokens per second to the first token, so with what comes before the prompt."""
    return load.prompt_tokens / first_token(settings, values, load)


def single_request(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the seconds of one request from end to end on an idle server."""
    return first_token(settings, values, load) + load.output_tokens * decode_step(settings, values, load)


def static_batch(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the seconds of a batch that starts and ends together."""
    alone = prompt_seconds(settings, values, tokens=load.prompt_tokens)
    further = further_prompt_seconds(settings, values, tokens=load.prompt_tokens)
    prompts = values.first_token_overhead_seconds + alone + (load.batch - 1.0) * further
    return prompts + load.output_tokens * decode_step(settings, values, load)


def burst(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the seconds in which a server finishes requests that all arrive at once."""
    further = further_prompt_seconds(settings, values, tokens=load.prompt_tokens)
    steps = load.waves * load.longest_output_tokens
    return load.requests * (further + values.request_overhead_seconds) + steps * decode_step(settings, values, load)


def saturated_rate(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return output tokens per second of a server that always holds `batch` requests."""
    alone = prompt_seconds(settings, values, tokens=load.prompt_tokens)
    further = further_prompt_seconds(settings, values, tokens=load.prompt_tokens)
    steps = load.output_tokens * decode_step(settings, values, load)
    starting = values.first_token_overhead_seconds + alone - further
    return load.output_tokens / (further + values.request_overhead_seconds + (steps + starting) / load.batch)


def gap_under_load(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the mean seconds between two tokens of one request on a server that always holds `batch` requests.

    Each of the others ends and is followed by a new one, whose prompt is worked on in between.
    """
    further = further_prompt_seconds(settings, values, tokens=load.prompt_tokens)
    starts = (load.batch - 1.0) / load.output_tokens
    return decode_step(settings, values, load) + starts * (further + values.request_overhead_seconds)


def gap_under_arrivals(settings: Settings, values: Physics, load: Load) -> Floats:
    """Return the mean seconds between two tokens of one request where requests arrive at a rate.

    By Little's law a server holds as many as arrive while one is decoded: fewer in a run of few requests, which starts
    and ends empty, and never more than `batch`. Each that it holds is followed by another, whose prompt is worked on in
    between.
    """
    prompt = further_prompt_seconds(settings, values, tokens=load.prompt_tokens) + values.request_overhead_seconds
    held = np.ones_like(load.batch)
    gap = step_seconds(settings, values, batch=held, depth=load.depth)
    for _ in range(_ROUNDS):
        wanted = load.requests_per_second * load.output_tokens * gap
        held = np.clip(wanted / (1.0 + wanted / load.requests), 1.0, load.batch)
        gap = step_seconds(settings, values, batch=held, depth=load.depth) + held / load.output_tokens * prompt
    return gap


SCENARIOS: dict[str, Formula] = {
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
