"""What the bot tells Prometheus about itself: never who asked, nor what."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bots.outcomes import Outcome, Trouble

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
# Discord waits 3 s
_FIRST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """The bot's figures, in a registry of their own."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._answers = Counter(
            "r1plan_bot_answers_total",
            "Answers, by what they answered (command, press, message) and what they came to.",
            ("kind", "outcome"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "r1plan_bot_answer_seconds",
            "From what was asked to the whole answer.",
            ("kind",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._first_seconds = Histogram(
            "r1plan_bot_first_answer_seconds",
            "From what was asked to what its asker first sees of an answer: thinking, typing, a form.",
            ("kind",),
            buckets=_FIRST_SECONDS,
            registry=self._registry,
        )
        self._troubles = Counter(
            "r1plan_bot_api_errors_total",
            "Requests to the API that an answer needed and that gave none, by why.",
            ("error",),
            registry=self._registry,
        )
        self._discord = Counter(
            "r1plan_bot_discord_errors_total",
            "Requests that Discord did not take, by status; 429 are postponed and made again.",
            ("status",),
            registry=self._registry,
        )
        self._held_off = Counter(
            "r1plan_bot_held_off_total",
            "Questions that were not answered, by the reason: cooldown (asked too often) or restarting (the bot ends).",
            ("reason",),
            registry=self._registry,
        )
        self.is_connected = Gauge(
            "r1plan_bot_connected", "1 while Discord is heard, over every shard.", registry=self._registry
        )
        self.servers = Gauge("r1plan_bot_servers", "Servers that the bot is a member of.", registry=self._registry)

    def count_answer(self, kind: str, *, seconds: float, outcome: Outcome) -> None:
        """Count one answer to a command, a press or a message."""
        self._answers.labels(kind, outcome).inc()
        self._seconds.labels(kind).observe(seconds)

    def note_first_answer(self, kind: str, *, seconds: float) -> None:
        """Note when somebody who asked saw the first of an answer."""
        self._first_seconds.labels(kind).observe(seconds)

    def count_trouble(self, trouble: Trouble) -> None:
        """Count one request that the API gave no answer to."""
        self._troubles.labels(trouble).inc()

    def count_discord_error(self, status: int) -> None:
        """Count one request that Discord did not take."""
        self._discord.labels(str(status)).inc()

    def count_held_off(self, reason: str) -> None:
        """Count one question that is not answered now."""
        self._held_off.labels(reason).inc()

    def render(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._registry)
