"""The kinds of value that the inventory's fields take, each bounded, as OpenAPI tells them."""

from typing import Annotated, Final

from msgspec import Meta

from service.inventory.entries import MAX_PURCHASE_USD, MAX_USD_PER_HOUR

# `$` alone would let one line break pass.
_END: Final = r"$(?!\n)"
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*" + _END

_GPU_ID: Final = "^[a-z0-9][a-z0-9._-]*" + _END
_NAME: Final = r"^[A-Za-z0-9][^\x00-\x1f\x7f/]*" + _END

GpuId = Annotated[str, Meta(min_length=1, max_length=64, pattern=_GPU_ID, examples=["l4"])]
NewGpuId = Annotated[str, Meta(min_length=1, max_length=64, pattern=_GPU_ID, examples=["abacus-1"])]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["acme"])]
ProviderName = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["aws"])]
InstanceType = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["g6.xlarge"])]
OfferGpuId = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["l4"])]
Text = Annotated[str, Meta(max_length=500, pattern=_PRINTABLE)]
Texts = Annotated[list[Text], Meta(max_length=30)]
Country = Annotated[str, Meta(max_length=2, pattern="^([A-Z]{2})?" + _END, examples=["FI"])]
Rate = Annotated[float, Meta(ge=0.001, le=1_000_000_000)]
RateOrNone = Annotated[float, Meta(ge=0, le=1_000_000_000)]
"""A figure of a data sheet where zero is: it has none."""
Size = Annotated[float, Meta(ge=0.1, le=100_000)]
Count = Annotated[int, Meta(ge=1, le=1024)]
Year = Annotated[int, Meta(ge=1990, le=2100)]
Capability = Annotated[list[Annotated[int, Meta(ge=0, le=99)]], Meta(min_length=2, max_length=2)]
UsdPerHour = Annotated[float, Meta(ge=0.000001, le=MAX_USD_PER_HOUR, examples=[0.8048])]
PurchaseUsd = Annotated[float, Meta(ge=0.01, le=MAX_PURCHASE_USD, examples=[2499])]
