"""What is known of providers and their catalogues: kinds, names, and how to read what they write."""

import difflib
import re
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec
from msgspec import Struct

from service.inventory.importers.errors import SourceRefused

KINDS: Final = ("hyperscaler", "cloud", "marketplace", "serverless", "retail")


class Provider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider and the habits of its catalogues.

    `other_names` are what catalogues call it. `memory_is` says whether the size that a row gives is that of one GPU,
    of all GPUs together, or sometimes the one and sometimes the other. `gpu_name_in_instance_type` is a pattern whose
    group is a more precise name than the name column's. `flags` go onto every offer.
    """

    provider: str
    kind: str
    other_names: tuple[str, ...] = ()
    memory_is: Literal["one_gpu", "all_gpus", "either"] = "one_gpu"
    gpu_name_in_instance_type: str | None = None
    seller_in_instance_type: bool = False
    no_region_is_no_stock: bool = False
    flags: tuple[str, ...] = ()

    def memory_of_one_gpu(self, gib: float, *, gpu_count: int) -> tuple[float, ...]:
        """Return the sizes that one GPU may have where a row of `gpu_count` GPUs says `gib`."""
        share = gib / gpu_count
        if self.memory_is == "all_gpus":
            return (share,)
        return (gib, share) if self.memory_is == "either" and gpu_count > 1 else (gib,)

    def gpu_name(self, instance_type: str) -> str | None:
        """Return the GPU's name that the instance type tells, where this provider's do."""
        if self.gpu_name_in_instance_type is None:
            return None
        found = re.search(self.gpu_name_in_instance_type, instance_type)
        return None if found is None else found[1].replace("_", " ")


@cache
def known_providers() -> dict[str, Provider]:
    """Return the known providers by their own and their other names."""
    data = (resources.files("service.inventory.importers") / "providers.json").read_bytes()
    providers = msgspec.json.decode(data, type=list[Provider])
    return {name: provider for provider in providers for name in (provider.provider, *provider.other_names)}


def find_provider(name: str, *, kind: str | None = None) -> Provider:
    """Return the provider of that name; one that is not known is taken as it comes if its `kind` is given.

    Raises:
        SourceRefused: it is not known and no kind is given.
    """
    provider = known_providers().get(name.strip().casefold())
    if provider is not None:
        return provider
    if kind is not None and name.strip():
        return Provider(provider=name.strip().casefold(), kind=kind)
    nearest = difflib.get_close_matches(name.casefold(), known_providers(), n=3, cutoff=0)
    raise SourceRefused(
        f"{name[:80]!r} is no provider known here; the nearest are {', '.join(nearest)}."
        f" Name one with --provider, or a new one's kind ({', '.join(KINDS)}) with --provider-kind."
    )
