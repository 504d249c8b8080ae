from pathlib import Path

import pytest

from service.inventory.importers.errors import NotACatalogue
from tests.service.inventory.importers.reading import Row, left_out_of, offer_of, read_gpuhunt_text, rows_of

FOLDER = Path(__file__).parent / "catalogues" / "gpuhunt"
HEADER = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size"


def _read(provider: str) -> str:
    return (FOLDER / f"{provider}.csv").read_text(encoding="utf-8")


def test_on_demand_and_spot_stand_on_rows_of_their_own() -> None:
    catalogue = read_gpuhunt_text(_read("aws"), provider="aws")

    assert rows_of(catalogue) == [
        Row("p5.48xlarge", "h100-sxm", 8, "us-east-1", "US", "on_demand", 55.5),
        Row("p5.48xlarge", "h100-sxm", 8, "us-east-1", "US", "spot", 21.5),
        Row("g5.xlarge", "a10g", 1, "us-east-1", "US", "on_demand", 1.05),
    ]
    assert left_out_of(catalogue) == {"names no GPU": 1, "a spot price that is no lower than on demand": 1}


def test_an_older_file_without_the_later_columns_is_read_and_its_provider_called_as_elsewhere() -> None:
    catalogue = read_gpuhunt_text(_read("lambdalabs"), provider="lambdalabs")

    assert rows_of(catalogue) == [
        Row("gpu_1x_a10", "a10", 1, "us-west-1", "US", "on_demand", 1.25),
        Row("gpu_1x_b200_sxm6", "b200", 1, "us-west-1", "US", "on_demand", 7.0),
    ]
    offer = offer_of(catalogue, "gpu_1x_a10")
    assert (offer.offer_id, offer.vcpus, offer.ram_gb) == ("lambda:gpu_1x_a10:us-west-1:on_demand", 30.0, 214.7)


def test_tpus_and_rows_without_a_price_are_left_out() -> None:
    catalogue = read_gpuhunt_text(_read("gcp"), provider="gcp")

    assert rows_of(catalogue) == [Row("a3-highgpu-1g", "h100-sxm", 1, "us-east4", "US", "on_demand", 10.5)]
    assert left_out_of(catalogue) == {"a TPU, not a GPU": 1, "has no price": 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("g,eu-north-1,0.9,4,16,1,L4,24.0,perhaps,", "spot is 'perhaps'; allowed are true and false"),
        ("g,eu-north-1,0.9,4,16,1.5,L4,24.0,False,", "gpu_count is 1.5; allowed is a whole number"),
        ("g,eu-north-1,dear,4,16,1,L4,24.0,False,", "price is 'dear', not a number"),
        (",eu-north-1,0.9,4,16,1,L4,24.0,False,", "no provider or no instance type"),
    ],
)
def test_a_broken_row_is_refused(row: str, reason: str) -> None:
    (refused,) = read_gpuhunt_text(f"{HEADER}\n{row}\n", provider="aws").refused
    assert (refused.line, refused.reason) == (2, reason)


def test_a_skypilot_catalogue_is_none_of_gpuhunt() -> None:
    with pytest.raises(NotACatalogue, match="gpuhunt catalogue of a provider: its header lacks instance_name"):
        read_gpuhunt_text("InstanceType,AcceleratorName\n", provider="aws")
