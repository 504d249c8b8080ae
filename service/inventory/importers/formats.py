"""The formats that can be imported: how their files are found, named and read."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from service.inventory.importers.errors import SourceRefused
from service.inventory.importers.findings import Finding
from service.inventory.importers.gpuhunt import read_gpuhunt
from service.inventory.importers.own_csv import read_own_csv
from service.inventory.importers.own_json import read_own_json
from service.inventory.importers.providers import Provider, find_provider
from service.inventory.importers.skypilot import read_skypilot
from service.inventory.importers.sources import SourceFile

_SKYPILOT_FILE: Final = "vms.csv"


class Format(Struct, frozen=True, kw_only=True):
    """A format: its name, the suffixes of its files, and whether a file lists the offers of one provider.

    `is_own` says that a person wrote the list: what stands in it is meant, be it strange.
    """

    name: str
    suffixes: tuple[str, ...]
    is_own: bool = False


SKYPILOT: Final = Format(name="skypilot", suffixes=(".csv",))
GPUHUNT: Final = Format(name="gpuhunt", suffixes=(".csv",))
OWN_CSV: Final = Format(name="csv", suffixes=(".csv",), is_own=True)
OWN_JSON: Final = Format(name="json", suffixes=(".json", ".jsonl", ".ndjson"), is_own=True)
FORMATS: Final = {each.name: each for each in (SKYPILOT, GPUHUNT, OWN_CSV, OWN_JSON)}

Read = Callable[[Iterable[bytes]], Iterator[Finding]]


class Sheet(Struct, frozen=True, kw_only=True):
    """A file of a source that holds one catalogue: `catalogue` names it, `read` finds what stands in its lines."""

    catalogue: str
    file: SourceFile
    read: Read


def choose_sheets(
    files: list[SourceFile],
    *,
    format_: Format,
    provider: str | None = None,
    provider_kind: str | None = None,
    name: str | None = None,
) -> list[Sheet]:
    """Return the catalogues among `files`.

    Catalogues of others are named after their provider, our own lists after their file, unless `provider` or `name`
    says otherwise. Of a folder of SkyPilot's, only the files `vms.csv` count.

    Raises:
        SourceRefused: a provider is not known, two files are the same catalogue, or several bear one given name.
    """
    chosen = files
    if format_ is SKYPILOT and len(files) > 1:
        chosen = [file for file in files if file.path.name == _SKYPILOT_FILE] or files
    given = name if format_.is_own else provider
    if given is not None and len(chosen) > 1:
        raise SourceRefused(f"{len(chosen)} files cannot all be {given[:80]!r}: import them one by one.")
    sheets = [_sheet(file, format_=format_, given=given, provider_kind=provider_kind) for file in chosen]
    seen: dict[str, str] = {}
    for sheet in sheets:
        other = seen.setdefault(sheet.catalogue, sheet.file.location)
        if other != sheet.file.location:
            raise SourceRefused(
                f"{other} and {sheet.file.location} are both {sheet.catalogue}: name the folder of one version."
            )
    return sheets


def _sheet(file: SourceFile, *, format_: Format, given: str | None, provider_kind: str | None) -> Sheet:
    if format_.is_own:
        name = (given or file.path.stem).strip().casefold()
        read = read_own_csv if format_ is OWN_CSV else read_own_json
        return Sheet(catalogue=f"{format_.name}:{name}", file=file, read=read)
    provider = find_provider(given or _provider_name(file.path), kind=provider_kind)
    return Sheet(catalogue=f"{format_.name}:{provider.provider}", file=file, read=_bind(format_, provider))


def _bind(format_: Format, provider: Provider) -> Read:
    read = read_skypilot if format_ is SKYPILOT else read_gpuhunt
    return lambda lines: read(lines, provider=provider)


def _provider_name(path: PurePosixPath) -> str:
    """Return the provider that a file's path names: SkyPilot's by its folder, others by themselves."""
    return path.parent.name if path.name == _SKYPILOT_FILE else path.stem
