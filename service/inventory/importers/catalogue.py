"""A catalogue, read: its offers in the inventory's words, and what it lists beside them."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from msgspec import Struct

from planner import Offer, bought_usd_per_hour
from service.inventory.entries import PURCHASE, USD_PLACES, check_gpu_can_be_bought, check_offer
from service.inventory.errors import InvalidEntry
from service.inventory.identifiers import make_offer_id
from service.inventory.importers.errors import NotACatalogue, TooManyRefused
from service.inventory.importers.findings import Finding, LeftOut, Machine, Refused
from service.inventory.importers.gpu_names import GpuNames, Resolved, ReviewKey, Unresolved
from service.inventory.importers.numbers import is_spot_price
from service.inventory.importers.places import continent_of, find_place
from service.inventory.importers.providers import KINDS, known_providers

MAX_REFUSED: Final = 1000
NO_PRICE: Final = "has no price"
SPOT_NOT_LOWER: Final = "a spot price that is no lower than on demand"
_PRICINGS: Final = ("on_demand", "spot", PURCHASE)
_MAX_GPUS: Final = 1024
_MAX_TEXT: Final = 200
_REFUSED_SHOWN: Final = 3


class Stamp(Struct, frozen=True, kw_only=True):
    """What a catalogue says of all its prices: their source and day, and how the day is known."""

    source: str
    as_of: dt.date
    as_of_basis: str


class LeftOutRows(Struct, kw_only=True):
    """Rows left out for one reason."""

    reason: str
    rows: int
    first_line: int


class Doubt(Struct, kw_only=True):
    """Rows whose GPU cannot be told, all for one name."""

    key: ReviewKey
    reason: str
    candidates: tuple[str, ...]
    rows: int
    first_line: int


class Catalogue(Struct, kw_only=True):
    """One catalogue as it was read.

    `offers` are by identifier, the cheapest of several rows; `lines` are theirs. `listed` are the identifiers of offers
    that the catalogue lists in rows that cannot be used: they have not vanished. Which offers the `rows_unplaced` list
    cannot be told: any may stand there.
    """

    name: str
    is_own: bool
    offers: dict[str, Offer]
    lines: dict[str, int]
    listed: set[str]
    rows_read: int
    rows_unplaced: int
    left_out: dict[str, LeftOutRows]
    refused: list[Refused]
    doubts: dict[ReviewKey, Doubt]

    @property
    def first_refused(self) -> str:
        """The first rows that cannot be read, and why."""
        return "; ".join(f"line {each.line}: {each.reason}" for each in self.refused[:_REFUSED_SHOWN])


def read_catalogue(
    findings: Iterable[Finding],
    *,
    name: str,
    is_own: bool,
    gpus: GpuNames,
    kinds: dict[str, str],
    stamp: Stamp,
    max_refused: int = MAX_REFUSED,
) -> Catalogue:
    """Return the catalogue that `findings` make up; `kinds` are those of the providers that the inventory has.

    Raises:
        TooManyRefused: more than `max_refused` rows cannot be read.
        NotACatalogue: it holds no rows at all.
    """
    reading = _Reading(name, is_own=is_own, gpus=gpus, kinds=kinds, stamp=stamp, max_refused=max_refused)
    for finding in findings:
        reading.take(finding)
    return reading.finish()


class _Reading:
    """A catalogue while it is read."""

    def __init__(
        self, name: str, *, is_own: bool, gpus: GpuNames, kinds: dict[str, str], stamp: Stamp, max_refused: int
    ) -> None:
        self._catalogue = Catalogue(
            name=name,
            is_own=is_own,
            offers={},
            lines={},
            listed=set(),
            rows_read=0,
            rows_unplaced=0,
            left_out={},
            refused=[],
            doubts={},
        )
        self._gpus = gpus
        self._kinds = kinds
        self._stamp = stamp
        self._max_refused = max_refused

    def take(self, finding: Finding) -> None:
        """Add one row."""
        self._catalogue.rows_read += 1
        if isinstance(finding, LeftOut):
            self._leave_out(finding.line, finding.reason)
        elif isinstance(finding, Refused):
            self._refuse(finding)
        else:
            try:
                self._take_machine(finding)
            except InvalidEntry as error:
                machine = (finding.provider, finding.instance_type, finding.region)
                self._refuse(Refused(line=finding.line, reason=str(error), machine=machine))

    def finish(self) -> Catalogue:
        """Return the catalogue when all rows have been taken."""
        catalogue = self._catalogue
        if not catalogue.rows_read:
            raise NotACatalogue(f"{catalogue.name} holds no rows under its header.")
        if not catalogue.is_own:
            self._drop_spots_that_are_no_lower()
        return catalogue

    def _take_machine(self, machine: Machine) -> None:
        _check_machine(machine)
        ids = _offer_ids(machine.provider, machine.instance_type, machine.region)
        prices = (machine.usd_per_hour, machine.spot_usd_per_hour, machine.purchase_usd)
        if prices == (None, None, None):
            self._leave_out(machine.line, NO_PRICE)
            return
        resolution = self._gpus.resolve(machine)
        if isinstance(resolution, Unresolved):
            self._doubt(resolution, line=machine.line)
            self._catalogue.listed.update(ids)
            return
        for offer_id, pricing, price in zip(ids, _PRICINGS, prices, strict=True):
            if price is not None:
                offer = self._offer(machine, resolution, offer_id=offer_id, pricing=pricing, usd=price)
                self._keep(offer, line=machine.line)

    def _offer(self, machine: Machine, gpu: Resolved, *, offer_id: str, pricing: str, usd: float) -> Offer:
        doubt = machine.on_demand_doubt if pricing == "on_demand" else None
        watts = self._gpus.watts_of(gpu.gpu_id)
        is_purchase = pricing == PURCHASE
        usd_per_hour = bought_usd_per_hour(usd, watts=gpu.gpu_count * (watts or 0.0)) if is_purchase else usd
        country, continent = find_place(machine.provider, machine.region)
        if machine.country is not None:
            country, continent = machine.country, machine.continent or continent_of(machine.country)
        offer = Offer(
            offer_id=offer_id,
            provider=machine.provider,
            provider_kind=self._kind(machine),
            instance_type=machine.instance_type,
            gpu_id=gpu.gpu_id,
            gpu_count=gpu.gpu_count,
            pricing=pricing,
            usd_per_hour=round(usd_per_hour, USD_PLACES),
            purchase_usd=usd if is_purchase else None,
            price_kind=machine.price_kind if doubt is None else "indicative",
            as_of=machine.as_of or self._stamp.as_of,
            as_of_basis=machine.as_of_basis or ("exact" if machine.as_of else self._stamp.as_of_basis),
            source=machine.source or self._stamp.source,
            region=machine.region,
            country=country,
            continent=continent,
            vcpus=machine.vcpus,
            ram_gb=machine.ram_gb,
            host_billed_separately=machine.host_billed_separately,
            flags=(*machine.flags, *gpu.flags, *(() if doubt is None else (doubt,))),
        )
        check_offer(offer)
        check_gpu_can_be_bought(offer, tdp_watts=watts)
        return offer

    def _kind(self, machine: Machine) -> str:
        kind = self._kinds.get(machine.provider)
        if kind is None:
            known = known_providers().get(machine.provider)
            kind = machine.provider_kind or (known.kind if known is not None else None)
        if kind not in KINDS:
            raise InvalidEntry(
                f"the provider {machine.provider[:40]!r} is new here and needs a provider_kind: {', '.join(KINDS)}"
            )
        self._kinds[machine.provider] = kind
        return kind

    def _keep(self, offer: Offer, *, line: int) -> None:
        offers, lines = self._catalogue.offers, self._catalogue.lines
        other = offers.get(offer.offer_id)
        if other is not None:
            if (other.gpu_id, other.gpu_count) != (offer.gpu_id, offer.gpu_count):
                raise InvalidEntry(
                    f"{offer.offer_id} has {offer.gpu_count}x {offer.gpu_id} here, but"
                    f" {other.gpu_count}x {other.gpu_id} in line {lines[offer.offer_id]}"
                )
            if self._catalogue.is_own:
                raise InvalidEntry(f"{offer.offer_id} stands in line {lines[offer.offer_id]} already")
            # The same machine in several zones of a region: whoever asks for the region can have the cheapest.
            if (other.price_kind == "indicative", other.usd_per_hour) <= (
                offer.price_kind == "indicative",
                offer.usd_per_hour,
            ):
                return
        offers[offer.offer_id] = offer
        lines[offer.offer_id] = line

    def _drop_spots_that_are_no_lower(self) -> None:
        offers = self._catalogue.offers
        for offer_id in [each for each in offers if each.endswith(":spot")]:
            on_demand = offers.get(offer_id.removesuffix("spot") + "on_demand")
            if on_demand is not None and not is_spot_price(
                offers[offer_id].usd_per_hour, on_demand=on_demand.usd_per_hour
            ):
                del offers[offer_id]
                self._leave_out(self._catalogue.lines.pop(offer_id), SPOT_NOT_LOWER)

    def _leave_out(self, line: int, reason: str) -> None:
        entry = self._catalogue.left_out.get(reason)
        if entry is None:
            self._catalogue.left_out[reason] = LeftOutRows(reason=reason, rows=1, first_line=line)
        else:
            entry.rows += 1
            entry.first_line = min(entry.first_line, line)

    def _refuse(self, refused: Refused) -> None:
        catalogue = self._catalogue
        catalogue.refused.append(refused)
        if refused.machine is None or not all(refused.machine[:2]):
            catalogue.rows_unplaced += 1
        else:
            # An identifier too long for the inventory is none that it could lose.
            with suppress(InvalidEntry):
                catalogue.listed.update(_offer_ids(*refused.machine))
        if len(catalogue.refused) > self._max_refused:
            raise TooManyRefused(
                f"More than {self._max_refused} rows of {catalogue.name} cannot be read, so nothing was imported."
                f" The first: {catalogue.first_refused}."
            )

    def _doubt(self, unresolved: Unresolved, *, line: int) -> None:
        doubt = self._catalogue.doubts.get(unresolved.key)
        if doubt is None:
            self._catalogue.doubts[unresolved.key] = Doubt(
                key=unresolved.key,
                reason=unresolved.reason,
                candidates=unresolved.candidates,
                rows=1,
                first_line=line,
            )
        else:
            doubt.rows += 1


def _check_machine(machine: Machine) -> None:
    if not machine.provider or not machine.instance_type:
        raise InvalidEntry("no provider or no instance type")
    if machine.gpu_count > _MAX_GPUS:
        raise InvalidEntry(f"{machine.gpu_count} GPUs; allowed are {_MAX_GPUS}")
    if max(len(machine.instance_type), len(machine.region), *map(len, machine.gpu_names)) > _MAX_TEXT:
        raise InvalidEntry(f"a name of more than {_MAX_TEXT} characters")


def _offer_ids(provider: str, instance_type: str, region: str) -> tuple[str, ...]:
    """Return the identifiers of a machine at each pricing."""
    first = make_offer_id(provider, instance_type=instance_type, region=region, pricing=_PRICINGS[0])
    return first, *(first.removesuffix(_PRICINGS[0]) + pricing for pricing in _PRICINGS[1:])
