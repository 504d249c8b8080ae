"""The errors a planner raises.

PlannerError
├── InvalidRequest          a field of the request cannot be used
│   ├── UnsupportedModel    a model config that no rule covers
│   └── UnknownName         a name that nothing here bears
│       ├── UnknownModel
│       ├── UnknownGpu
│       ├── UnknownWeightFormat
│       ├── UnknownKvCacheDtype
│       ├── UnknownEngine
│       └── UnknownProvider
└── MissingFact             a fact that the planner needs is not in its data files
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import ClassVar


class PlannerError(Exception):
    """An error that the planner expects and explains."""


class MissingFact(PlannerError, LookupError):
    """A fact that the planner needs is not in its data files: never filled with a guess."""


class InvalidRequest(PlannerError):
    """A field of the request cannot be used.

    `code` is the machine's word for what is wrong, `field` the request's field, `allowed` what would be accepted
    and `nearest` the accepted values nearest to the one given.
    """

    def __init__(
        self, message: str, *, code: str, field: str, allowed: str = "", nearest: Iterable[str | int | float] = ()
    ) -> None:
        """Keep what was wrong, what is allowed and the nearest valid values."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.allowed = allowed
        self.nearest = tuple(nearest)


class UnsupportedModel(InvalidRequest):
    """A model config that no rule here covers; `field` is the one that is the reason."""

    def __init__(self, message: str, *, field: str, allowed: str = "") -> None:
        """Keep which field is the reason, and what it may hold."""
        super().__init__(message, code="unsupported_model", field=field, allowed=allowed)


class UnknownName(InvalidRequest):
    """A name that nothing here bears; `known` maps every accepted spelling to the identifier it stands for."""

    noun: ClassVar[str] = "name"
    code_word: ClassVar[str] = "unknown_name"

    def __init__(self, name: str, *, known: Mapping[str, str], field: str) -> None:
        """Suggest the nearest known spellings of `name`."""
        nearest = suggest(name, known)
        identifiers = sorted(set(known.values()))
        hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
        super().__init__(
            f"Unknown {self.noun} {name[:80]!r}.{hint}",
            code=self.code_word,
            field=field,
            allowed=", ".join(identifiers),
            nearest=nearest,
        )


class UnknownModel(UnknownName):
    """No model of that name."""

    noun = "model"
    code_word = "unknown_model"


class UnknownGpu(UnknownName):
    """No GPU of that id, alias or family."""

    noun = "GPU"
    code_word = "unknown_gpu"


class UnknownWeightFormat(UnknownName):
    """No weight format of that id."""

    noun = "weight format"
    code_word = "unknown_weight_format"


class UnknownKvCacheDtype(UnknownName):
    """No KV cache element type of that id."""

    noun = "KV cache dtype"
    code_word = "unknown_kv_cache_dtype"


class UnknownEngine(UnknownName):
    """No serving engine of that name."""

    noun = "engine"
    code_word = "unknown_engine"


class UnknownProvider(UnknownName):
    """No provider of that name in the inventory."""

    noun = "provider"
    code_word = "unknown_provider"


def suggest(name: str, known: Mapping[str, str], *, limit: int = 3) -> list[str]:
    """Return up to `limit` identifiers of `known` whose spelling is nearest to `name`, nearest first."""
    spellings = {spelling.casefold(): identifier for spelling, identifier in known.items()}
    word = name.casefold()[:80]
    close = difflib.get_close_matches(word, spellings, n=3 * limit, cutoff=0.4)
    close = close or difflib.get_close_matches(word, spellings, n=limit, cutoff=0)
    return list(dict.fromkeys(spellings[spelling] for spelling in close))[:limit]
