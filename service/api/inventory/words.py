"""The kinds of value that the inventory's fields take, each bounded, as OpenAPI tells them."""

from typing import Annotated, Final

from msgspec import Meta

from service.inventory.entries import MAX_PURCHASE_USD, MAX_USD_PER_HOUR
from service.inventory.fleet.node_faults import MAX_SITE_LENGTH
from service.inventory.fleet.order_faults import MAX_OWNER_LENGTH, MAX_PURPOSE_LENGTH
from service.inventory.texts import END, FILLED_LINE, LINE, LINE_IN_WORDS, UNPRINTABLE

_ID: Final = "^[a-z0-9][a-z0-9._-]*" + END
_ID_IN_WORDS: Final = "a-z, 0-9 and . _ -, beginning with a letter or digit"
_NAME: Final = rf"^[A-Za-z0-9]([^{UNPRINTABLE}/]*[^{UNPRINTABLE}/\s])?{END}"
_NAME_IN_WORDS: Final = f"{LINE_IN_WORDS} but /, beginning with a letter or digit of ASCII and not ending in a blank"


def _meta(pattern: str, words: str, *, most: int, least: int = 0, example: str | None = None) -> Meta:
    """Return what is said of a text of `least` to `most` characters that matches `pattern`, which `words` tell."""
    examples = None if example is None else [example]
    return Meta(min_length=least, max_length=most, pattern=pattern, description=words, examples=examples)


NewGpuId = Annotated[str, _meta(_ID, _ID_IN_WORDS, least=1, most=64, example="abacus-1")]
NodeName = Annotated[str, _meta(_ID, _ID_IN_WORDS, least=1, most=63, example="gpu-01")]
Name = Annotated[str, _meta(_NAME, _NAME_IN_WORDS, least=1, most=100, example="acme")]
ProviderName = Annotated[str, _meta(_NAME, _NAME_IN_WORDS, least=1, most=100, example="aws")]
InstanceType = Annotated[str, _meta(_NAME, _NAME_IN_WORDS, least=1, most=100, example="g6.xlarge")]
KnownGpuId = Annotated[str, _meta(_NAME, _NAME_IN_WORDS, least=1, most=100, example="l4")]
"""A GPU that is there already; how it is spelt is the inventory's to say, with the nearest that it has."""
Site = Annotated[str, _meta(FILLED_LINE, LINE_IN_WORDS, least=1, most=MAX_SITE_LENGTH, example="cellar")]
Owner = Annotated[str, _meta(FILLED_LINE, LINE_IN_WORDS, least=1, most=MAX_OWNER_LENGTH, example="anna")]
Purpose = Annotated[str, _meta(LINE, LINE_IN_WORDS, most=MAX_PURPOSE_LENGTH, example="evaluation")]
Text = Annotated[str, _meta(LINE, LINE_IN_WORDS, most=500)]
Texts = Annotated[list[Text], Meta(max_length=30)]
Country = Annotated[str, _meta("^([A-Z]{2})?" + END, "two capital letters, or nothing", most=2, example="FI")]
Rate = Annotated[float, Meta(ge=0.001, le=1_000_000_000)]
RateOrNone = Annotated[float, Meta(ge=0, le=1_000_000_000)]
"""A figure of a data sheet where zero is: it has none."""
Size = Annotated[float, Meta(ge=0.1, le=100_000)]
Count = Annotated[int, Meta(ge=1, le=1024)]
Year = Annotated[int, Meta(ge=1990, le=2100)]
Capability = Annotated[list[Annotated[int, Meta(ge=0, le=99)]], Meta(min_length=2, max_length=2)]
UsdPerHour = Annotated[float, Meta(ge=0.000001, le=MAX_USD_PER_HOUR, examples=[0.8048])]
PurchaseUsd = Annotated[float, Meta(ge=0.01, le=MAX_PURCHASE_USD, examples=[2499])]
