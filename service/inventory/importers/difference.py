"""What a catalogue would change in the inventory: offers added, changed, confirmed and vanished."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Struct, field

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.importers.catalogue import Catalogue
from service.inventory.importers.errors import TooManyRefused
from service.inventory.importers.findings import Refused

# A file that was cut off lists half of what it should; a handful of offers may well go all at once.
MAX_VANISHED_SHARE: Final = 0.5
FEW_OFFERS: Final = 20
"""Up to so many offers of a catalogue may all vanish at once."""
_Verdict: TypeAlias = Literal["returned", "of an earlier day", "newer known", "unchanged", "changed", "confirmed"]


class KnownOffer(Struct, frozen=True, kw_only=True, gc=False):
    """An offer as the inventory has it: its shape, its current price, and the catalogue that keeps it.

    One that a person deleted is known too, so that no catalogue brings it back.

    `price_id` and what belongs to the price are None for an offer without a current price; `catalogue` is None for one
    that no import brought.
    """

    offer_id: str
    gpu_id: str
    gpu_count: int
    region: str
    country: str
    continent: str
    vcpus: float | None
    ram_gb: float | None
    host_billed_separately: bool
    is_deleted: bool
    catalogue: str | None
    vanished_on: dt.date | None
    price_id: int | None
    usd_per_hour: float | None
    purchase_usd: float | None
    price_kind: str | None
    as_of: dt.date | None
    as_of_basis: str | None
    flags: tuple[str, ...]


class Changed(Struct, frozen=True, kw_only=True, gc=False):
    """An offer of the inventory, and what the catalogue says of it."""

    known: KnownOffer
    offer: Offer


class Past(Struct, frozen=True, kw_only=True, gc=False):
    """A price of an earlier day than what the inventory knows of its offer; it can only join the history.

    `known` is None for an offer that only this older list has: it is listed no more.
    """

    known: KnownOffer | None
    offer: Offer


class Difference(Struct, kw_only=True):
    """What a catalogue would change.

    `returned` are offers that had vanished; `changed` have another price or price kind, or other GPUs; `confirmed` the
    same price on a later day, or other words beside it; `past` are prices of earlier days. `newer_known` counts offers
    of an earlier day about which the inventory knows all that the catalogue says, `unchanged` the rest. `kept` counts
    offers that the catalogue does not name and that may stand in a row that cannot be read. `refused` are rows at odds
    with what the inventory holds from elsewhere.
    """

    added: list[Offer] = field(default_factory=list[Offer])
    returned: list[Changed] = field(default_factory=list[Changed])
    changed: list[Changed] = field(default_factory=list[Changed])
    confirmed: list[Changed] = field(default_factory=list[Changed])
    vanished: list[KnownOffer] = field(default_factory=list[KnownOffer])
    past: list[Past] = field(default_factory=list[Past])
    kept: int = 0
    newer_known: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list[Refused])

    @property
    def is_empty(self) -> bool:
        """Whether the inventory would stay as it is."""
        return not self.size

    @property
    def size(self) -> int:
        """How many offers there are to write."""
        lists = (self.added, self.returned, self.changed, self.confirmed, self.vanished, self.past)
        return sum(map(len, lists))


def compare(
    catalogue: Catalogue,
    known: Mapping[str, KnownOffer],
    *,
    as_of: dt.date,
    later: dt.date | None = None,
    max_vanished_share: float = MAX_VANISHED_SHARE,
) -> Difference:
    """Return what `catalogue`, a list of the day `as_of`, would change among the offers `known`, by identifier.

    Only an offer that this catalogue's own imports brought in can vanish. One from elsewhere can get a newer price, and
    stays what it is otherwise. `later` is the day of the catalogue's next list after this one, where one was imported
    before: an older list lets nothing vanish, and brings no offer of its own day back. Neither does one with a row of
    which it cannot be told whose it is. Whether the prices of `past` are in the history already is not looked at here.

    Raises:
        TooManyRefused: no row can be read, or more than `max_vanished_share` of the catalogue's offers would vanish.
    """
    if len(catalogue.refused) == catalogue.rows_read:
        raise TooManyRefused(
            f"None of the {catalogue.rows_read} rows of {catalogue.name} can be read, so nothing was imported."
            f" The first: {catalogue.first_refused}."
        )
    difference = Difference()
    ours = [each for each in known.values() if each.catalogue == catalogue.name and each.as_of is not None]
    missing = _find_missing(catalogue, ours, as_of=as_of) if later is None else []
    if catalogue.rows_unplaced:
        difference.kept = len(missing)
    else:
        _check_not_cut_off(catalogue, missing=len(missing), of=len(ours), max_share=max_vanished_share)
        difference.vanished = missing
    for offer_id, offer in catalogue.offers.items():
        there = known.get(offer_id)
        listed_on = max(as_of, offer.as_of)
        if there is not None:
            _take(difference, offer, there, catalogue=catalogue, listed_on=listed_on, later=later)
        elif later is None or listed_on >= later:
            difference.added.append(offer)
        else:
            difference.past.append(Past(known=None, offer=offer))
    return difference


def _take(
    difference: Difference,
    offer: Offer,
    there: KnownOffer,
    *,
    catalogue: Catalogue,
    listed_on: dt.date,
    later: dt.date | None,
) -> None:
    is_ours = there.catalogue == catalogue.name
    if there.is_deleted:
        difference.unchanged += 1
        return
    if not is_ours and not _is_same_shape(offer, there):
        reason = (
            f"{offer.offer_id} has {offer.gpu_count}x {offer.gpu_id} here, but {there.gpu_count}x {there.gpu_id} in the"
            f" inventory, from {there.catalogue or 'elsewhere'}"
        )
        difference.refused.append(Refused(line=catalogue.lines[offer.offer_id], reason=reason))
        return
    verdict = (
        _judge_without_price(offer, there, listed_on=listed_on, later=later)
        if there.as_of is None
        else _judge_price(offer, there, known_of=there.as_of, is_ours=is_ours)
    )
    match verdict:
        case "of an earlier day":
            difference.past.append(Past(known=there, offer=offer))
        case "newer known":
            difference.newer_known += 1
        case "unchanged":
            difference.unchanged += 1
        case "returned":
            difference.returned.append(Changed(known=there, offer=offer))
        case "changed":
            difference.changed.append(Changed(known=there, offer=offer))
        case "confirmed":
            difference.confirmed.append(Changed(known=there, offer=offer))


def _judge_without_price(offer: Offer, there: KnownOffer, *, listed_on: dt.date, later: dt.date | None) -> _Verdict:
    if there.vanished_on is None:
        # A person took it from sale, which no catalogue undoes.
        return "unchanged"
    if listed_on >= max(there.vanished_on, later or there.vanished_on):
        return "returned"
    return _judge_earlier(offer, there)


def _judge_price(offer: Offer, there: KnownOffer, *, known_of: dt.date, is_ours: bool) -> _Verdict:
    if offer.as_of < known_of:
        return _judge_earlier(offer, there)
    if check_price_of(offer) != (there.usd_per_hour, there.purchase_usd) or offer.price_kind != there.price_kind:
        return "changed"
    if not is_ours:
        return "confirmed" if offer.as_of > known_of else "unchanged"
    if not _is_same_shape(offer, there):
        return "changed"
    return "confirmed" if offer.as_of > known_of or _words(offer) != _words(there) else "unchanged"


def _judge_earlier(offer: Offer, there: KnownOffer) -> _Verdict:
    # The history knows one shape, today's: what a machine of other GPUs cost is no price of this one.
    return "of an earlier day" if _is_same_shape(offer, there) else "newer known"


def _is_same_shape(offer: Offer, there: KnownOffer) -> bool:
    return (offer.gpu_id, offer.gpu_count) == (there.gpu_id, there.gpu_count)


def _words(offer: Offer | KnownOffer) -> tuple[object, ...]:
    return (
        offer.flags,
        offer.as_of_basis,
        offer.region,
        offer.country,
        offer.continent,
        offer.vcpus,
        offer.ram_gb,
        offer.host_billed_separately,
    )


def _find_missing(catalogue: Catalogue, ours: Iterable[KnownOffer], *, as_of: dt.date) -> list[KnownOffer]:
    return [
        each
        for each in ours
        if each.offer_id not in catalogue.offers
        and each.offer_id not in catalogue.listed
        # What was seen later than this list has outlived it.
        and (each.as_of or as_of) <= as_of
    ]


def _check_not_cut_off(catalogue: Catalogue, *, missing: int, of: int, max_share: float) -> None:
    if of > FEW_OFFERS and missing > max_share * of:
        raise TooManyRefused(
            f"{missing} of the {of} offers of {catalogue.name} would vanish, more than {max_share:.0%}, so nothing was"
            f" imported. If the file is whole, allow it with --max-vanished 100."
        )
