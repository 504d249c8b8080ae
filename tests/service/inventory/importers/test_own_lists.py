import datetime as dt
from pathlib import Path

import msgspec
import pytest

from service.inventory.importers.catalogue import Catalogue
from service.inventory.importers.errors import NotACatalogue
from service.inventory.importers.own_csv import read_own_csv
from service.inventory.importers.own_json import read_own_json
from service.key_format import make_key
from service.seed import read_offers
from tests.service.inventory.importers.reading import STAMP, Row, offer_of, read_findings, rows_of

FOLDER = Path(__file__).parent / "catalogues" / "own"
SEED = Path(__file__).parents[4] / "service" / "seed" / "offers.csv"
HEADER = "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,usd_per_hour"


def _read_csv(text: str) -> Catalogue:
    return read_findings(read_own_csv(text.encode().splitlines(keepends=True)), name="csv:test", is_own=True)


def _read_json(text: str) -> Catalogue:
    return read_findings(read_own_json(text.encode().splitlines(keepends=True)), name="json:test", is_own=True)


def test_a_csv_list_needs_few_columns_and_takes_any_name_of_a_gpu() -> None:
    catalogue = _read_csv((FOLDER / "contracts.csv").read_text())

    assert rows_of(catalogue) == [
        Row("bc-h100x1", "h100-sxm", 1, "hamburg-1", "DE", "on_demand", 2.05),
        Row("bc-l40sx8", "l40s", 8, "hamburg-1", "DE", "on_demand", 12.5),
        Row("1x-rtx-4090", "rtx-4090", 1, "", "", "spot", 0.33),
    ]
    stated, plain = offer_of(catalogue, "bc-h100x1"), offer_of(catalogue, "bc-l40sx8")
    assert (stated.as_of, stated.as_of_basis, stated.source) == (
        dt.date(2026, 4, 1),
        "exact",
        "framework contract 17",
    )
    assert stated.flags == ("until the end of 2027", "notice of three months")
    assert (stated.continent, plain.continent, plain.provider_kind) == ("EU", "EU", "cloud")
    assert (plain.as_of, plain.as_of_basis, plain.source) == (STAMP.as_of, STAMP.as_of_basis, STAMP.source)


def test_a_json_list_says_the_same() -> None:
    catalogue = _read_json((FOLDER / "contracts.json").read_text())

    assert rows_of(catalogue) == [
        Row("bc-h100x1", "h100-sxm", 1, "hamburg-1", "DE", "on_demand", 2.05),
        Row("bc-l40sx8", "l40s", 8, "", "", "on_demand", 12.5),
    ]
    assert [catalogue.lines[each] for each in catalogue.offers] == [2, 6]


def test_what_the_program_itself_keeps_can_be_read_again_as_csv_and_as_json() -> None:
    seeded = {offer.offer_id: offer for offer in read_offers()}

    assert _read_csv(SEED.read_text()).offers == seeded
    assert _read_json(msgspec.json.encode(list(seeded.values())).decode()).offers == seeded
    lines = b"\n".join(msgspec.json.encode(offer) for offer in seeded.values())
    assert _read_json(lines.decode()).offers == seeded


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("acme,cloud,a1,l4,1,on_demand,", "usd_per_hour is missing; on_demand needs a price above 0 there"),
        ("acme,cloud,a1,l4,1,on_demand,0", "usd_per_hour is 0; on_demand needs a price above 0 there"),
        ("acme,cloud,a1,l4,1,buy,2", "purchase_usd is missing; buy needs a price above 0 there"),
        ("acme,cloud,a1,l4,0,on_demand,1", "gpu_count is 0; allowed is a whole number from 1 up"),
        ("acme,cloud,a1,l4,1,reserved,1", "pricing is 'reserved'; allowed are on_demand, spot, buy"),
        ("acme,basement,a1,l4,1,spot,1", "the provider 'acme' is new here and needs a provider_kind:"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_what_is_allowed(row: str, reason: str) -> None:
    (refused,) = _read_csv(f"{HEADER}\n{row}\n").refused
    assert refused.line == 2
    assert refused.reason.startswith(reason)


def test_an_offer_cannot_stand_in_a_list_twice() -> None:
    catalogue = _read_csv(f"{HEADER}\nacme,cloud,a1,l4,1,spot,1\nacme,cloud,a1,l4,1,spot,2\n")
    assert [each.reason for each in catalogue.refused] == ["acme:a1:unstated:spot stands in line 2 already"]
    assert [row.usd_per_hour for row in rows_of(catalogue)] == [1.0]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (
            "country",
            "Germany",
            "country is 'Germany'; allowed are the two capital letters of ISO 3166, such as FI, and",
        ),
        ("country", "Germany", " the nearest is DE"),
        ("country", "de", " the nearest is DE"),
        ("country", "Elbonia", "such as FI"),
        ("continent", "Europe", "continent is 'Europe'; allowed are AF, AN, AS, EU, NA, OC, SA"),
        ("as_of", "0001-01-01", "A price of 0001-01-01 cannot be; allowed is a day from 2000-01-01 on."),
        ("as_of", "20260501", "as_of is '20260501'; allowed is a date such as 2026-05-24"),
        ("as_of", "2026-02-30", "as_of is '2026-02-30'; allowed is a date such as 2026-05-24"),
        ("vcpus", "1_000", "vcpus is '1_000', not a number"),
        ("vcpus", "٣", "vcpus is '٣', not a number"),
        ("vcpus", "nan", "vcpus is 'nan', not a number"),
        ("vcpus", "1e999", "vcpus is 1e999; allowed is a number from 0 up"),
        ("vcpus", "-1", "vcpus is -1; allowed is a number from 0 up"),
    ],
)
def test_a_value_that_the_api_would_not_take_is_refused(column: str, value: str, reason: str) -> None:
    (refused,) = _read_csv(f"{HEADER},{column}\nacme,cloud,a1,l4,1,spot,1,{value}\n").refused
    assert reason in refused.reason


@pytest.mark.parametrize(("text", "number"), [("4", 4.0), ("4.", 4.0), (".5", 0.5), ("5e-1", 0.5), ("+4.0", 4.0)])
def test_a_number_may_be_written_as_programs_write_it(text: str, number: float) -> None:
    catalogue = _read_csv(f"{HEADER},vcpus\nacme,cloud,a1,l4,1,spot,1,{text}\n")
    assert offer_of(catalogue, "a1", pricing="spot").vcpus == number


def test_a_date_in_the_future_is_refused() -> None:
    catalogue = _read_csv(f"{HEADER},as_of\nacme,cloud,a1,l4,1,spot,1,2999-01-01\n")
    assert "lies in the future" in catalogue.refused[0].reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[{"provider": "acme"},\n 17]', 2, "no JSON object"),
        ('[\n{"provider": "acme", "colour": "red"}]', 2, "unknown field 'colour'"),
        ('{"provider": "acme", "instance_type": "a1"}\n{"provider": \n', 2, "no JSON object"),
    ],
)
def test_an_offer_in_json_that_cannot_be_read_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    refused = _read_json(text).refused[-1]
    assert refused.line == line
    assert refused.reason.startswith(reason)


def test_gpus_that_are_bought_cost_what_they_cost_once() -> None:
    header = "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,purchase_usd"
    catalogue = _read_csv(f"{header}\ncorner shop,retail,2x-4090,rtx-4090,2,buy,3600\n")

    (offer,) = catalogue.offers.values()
    assert (offer.offer_id, offer.purchase_usd) == ("corner-shop:2x-4090:unstated:buy", 3600.0)
    assert 0.1 < offer.usd_per_hour < 0.5


def test_one_offer_by_itself_is_a_list_of_one() -> None:
    text = (
        '{"provider": "vast", "instance_type": "a1", "gpu_id": "l4",\n'
        ' "gpu_count": 1, "pricing": "spot", "usd_per_hour": 1}'
    )
    assert rows_of(_read_json(text)) == [Row("a1", "l4", 1, "", "", "spot", 1.0)]


def test_a_character_that_a_database_cannot_hold_is_refused() -> None:
    (refused,) = _read_json('[{"provider": "vast", "instance_type": "a\\u0000"}]').refused
    assert "control character" in refused.reason


@pytest.mark.parametrize("opening", ["[", '[{"provider": ', '[{"flags": ['])
def test_json_of_any_depth_is_refused_in_words(opening: str) -> None:
    data = (opening + "[" * 100_000 + "]" * 100_000).encode()
    with pytest.raises(NotACatalogue, match="it is nested too deeply"):
        read_findings(read_own_json([data]), is_own=True)


@pytest.mark.parametrize("depth", [*range(100, 1100, 20), 100_000])
def test_an_offer_in_json_of_any_depth_is_refused_alone(depth: int) -> None:
    deep = '{"provider": "acme", "colours": ' + "[" * depth + "]" * depth + "}"
    offer = {"provider": "vast", "instance_type": "a1", "gpu_id": "l4", "gpu_count": 1, "pricing": "spot"}
    good = msgspec.json.encode({**offer, "usd_per_hour": 1}).decode()
    catalogue = _read_json(f"{deep}\n{good}\n")
    (refused,) = catalogue.refused
    assert refused.reason in {"no JSON object: it is nested too deeply", "unknown field 'colours'"}
    assert len(catalogue.offers) == 1


def test_json_in_another_encoding_is_refused_row_by_row() -> None:
    (refused,) = read_findings(read_own_json(['{"provid\xe9": 1}'.encode("latin-1")]), is_own=True).refused
    assert refused.reason.startswith("no JSON object: 'utf-8' codec can't decode")


@pytest.mark.parametrize("text", ["17", '{"prices": []}', '"offers"', "[{]", ""])
def test_json_that_is_no_list_of_offers_is_refused_whole(text: str) -> None:
    with pytest.raises(NotACatalogue):
        _read_json(text)


def test_an_api_key_in_a_row_is_refused_and_not_repeated() -> None:
    key = make_key()
    for read, text in (
        (_read_csv, f"{HEADER}\nacme,cloud,{key},l4,1,spot,1\nacme,cloud,a1,l4,1,spot,1\n"),
        (_read_json, f'[{{"provider": "{key}"}}]'),
    ):
        (refused,) = read(text).refused
        assert "an API key stands in it" in refused.reason
        assert key[:24] not in repr(refused)
