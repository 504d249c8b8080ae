"""SkyPilot's catalogues of all kinds, with invented prices; each test names the quirks that it shows."""

import csv
import io
from pathlib import Path

import pytest

from service.inventory.importers.errors import NotACatalogue
from tests.service.inventory.importers.reading import (
    Row,
    doubts_of,
    left_out_of,
    offer_of,
    read_skypilot_text,
    rows_of,
)

FOLDER = Path(__file__).parent / "catalogues" / "skypilot" / "v8"
HEADER = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone"


def _read(cloud: str) -> str:
    return (FOLDER / cloud / "vms.csv").read_text(encoding="utf-8")


def test_zones_become_one_offer_of_the_cheapest_spot_and_fractions_none() -> None:
    catalogue = read_skypilot_text(_read("aws"), provider="aws")

    assert rows_of(catalogue) == [
        Row("g6.xlarge", "l4", 1, "eu-north-1", "SE", "on_demand", 0.91),
        Row("g6.xlarge", "l4", 1, "eu-north-1", "SE", "spot", 0.37),
        Row("p4d.24xlarge", "a100-40gb-sxm", 8, "us-west-2", "US", "on_demand", 20.5),
        Row("p4d.24xlarge", "a100-40gb-sxm", 8, "us-west-2", "US", "spot", 8.25),
    ]
    assert left_out_of(catalogue) == {"a fraction of a GPU": 1, "names no GPU": 1}
    assert doubts_of(catalogue) == {"H900": "no GPU of the inventory bears this name"}


def test_a_host_and_its_accelerators_in_one_zone_are_one_machine() -> None:
    catalogue = read_skypilot_text(_read("gcp"), provider="gcp")

    assert rows_of(catalogue) == [
        Row("a2-highgpu-2g", "a100-40gb-sxm", 2, "europe-west4", "NL", "on_demand", 7.0),
        # The spot price of the other zone is lower, and stands in the next line.
        Row("a2-highgpu-2g", "a100-40gb-sxm", 2, "europe-west4", "NL", "spot", 2.75),
        Row("a3-highgpu-8g", "h100-sxm", 8, "us-east4", "US", "on_demand", 42.0, "indicative"),
        Row("a3-highgpu-8g", "h100-sxm", 8, "us-east4", "US", "spot", 23.0),
    ]
    assert "two price levels" in offer_of(catalogue, "a3-highgpu-8g").flags[0]
    assert offer_of(catalogue, "a3-highgpu-8g", pricing="spot").flags == ()
    assert left_out_of(catalogue) == {
        "an accelerator, priced with its host": 3,
        "an accelerator without a row of its host in that zone": 2,
        "a host without a row of its accelerators in that zone": 1,
        "an accelerator that any N1 machine can take: the catalogue names no machine": 1,
        "a TPU, not a GPU": 1,
        "names no GPU": 1,
    }


def test_a_wrong_count_is_set_right_where_the_machine_is_known_and_said() -> None:
    catalogue = read_skypilot_text(_read("azure"), provider="azure")

    assert rows_of(catalogue) == [
        Row("Standard_NC48ads_A100_v4", "a100-80gb-pcie", 2, "swedencentral", "SE", "on_demand", 7.0),
        Row("Standard_NC48ads_A100_v4", "a100-80gb-pcie", 2, "swedencentral", "SE", "spot", 0.9),
        Row("Standard_NC40ads_H100_v5", "h100-nvl", 1, "swedencentral", "SE", "on_demand", 7.1),
        Row("Standard_ND96isr_H100_v5", "h100-sxm", 8, "swedencentral", "SE", "on_demand", 96.5),
    ]
    assert offer_of(catalogue, "Standard_ND96isr_H100_v5").flags == ("the catalogue says 12 GPUs; the machine has 8",)
    assert left_out_of(catalogue) == {"names no GPU": 1, "has no price": 1}


def test_memory_of_all_gpus_together_tells_which_one_it_is() -> None:
    catalogue = read_skypilot_text(_read("vast"), provider="vast")

    assert rows_of(catalogue) == [
        Row("2x-A100_SXM4-32-65536", "a100-40gb-sxm", 2, "Çanakkale, TR, AS", "TR", "on_demand", 1.75),
        Row("1x-A100_PCIE-32-65536", "a100-80gb-pcie", 1, ", CA, NA", "CA", "on_demand", 0.95),
        Row("2x-RTX_4060_Ti-32-65536", "rtx-4060-ti-16gb", 2, "Québec, CA, NA", "CA", "on_demand", 0.21),
        Row("4x-H100_NVL-32-65536", "h100-nvl", 4, "Texas, US, NA", "US", "on_demand", 9.6),
        Row("8x-Tesla_V100-32-65536", "v100-16gb", 8, "Sweden, SE, EU", "SE", "on_demand", 1.9),
    ]
    assert list(doubts_of(catalogue)) == ["RTX 4090"]
    assert all(offer.provider_kind == "marketplace" for offer in catalogue.offers.values())


def test_a_size_may_be_that_of_one_gpu_or_of_all_and_the_name_decides() -> None:
    assert rows_of(read_skypilot_text(_read("verda"), provider="verda")) == [
        Row("2A100.44V", "a100-80gb-sxm", 2, "FIN-01", "FI", "on_demand", 3.1),
        Row("2A100.44V", "a100-80gb-sxm", 2, "FIN-01", "FI", "spot", 1.2),
        Row("1B300.30V", "b300", 1, "ICE-01", "IS", "spot", 2.2),
    ]


def test_a_blank_region_where_it_means_no_stock_makes_a_price_indicative() -> None:
    catalogue = read_skypilot_text(_read("seeweb"), provider="seeweb")

    assert rows_of(catalogue) == [
        Row("ECS1GPU7", "l40s", 1, "it-fr2", "IT", "on_demand", 0.9),
        Row("ECS2GPU7", "l40s", 2, "", "", "on_demand", 1.8, "indicative"),
        Row("ECS1GPU", "rtx-6000-turing", 1, "it-fr2", "IT", "on_demand", 0.3),
    ]
    assert "no stock" in offer_of(catalogue, "ECS2GPU7").flags[0]
    # 96 GB and a size of 0, and an A100 of 80 GB without its board: neither is guessed.
    assert {doubt.key.name: doubt.candidates for doubt in catalogue.doubts.values()} == {
        "RTX PRO 6000 96GB": ("rtx-pro-6000-blackwell-server", "rtx-pro-6000-blackwell-workstation"),
        "A100": ("a100-80gb-pcie", "a100-80gb-sxm"),
    }


@pytest.mark.parametrize(
    ("cloud", "expected"),
    [
        (
            "hyperstack",
            [
                # An NVLink bridge makes no NVL.
                Row("n3-A100x8-NVLink", "a100-80gb-pcie", 8, "CANADA-1", "CA", "on_demand", 11.5),
                Row("n3-H100-SXM5x8", "h100-sxm", 8, "US-1", "US", "on_demand", 20.0),
            ],
        ),
        ("do", [Row("gpu-l40sx1-48gb", "l40s", 1, "tor1", "CA", "on_demand", 1.6)]),
        (
            "shadeform",
            [
                Row("massedcompute_A6000x2", "rtx-a6000", 2, "desmoines-usa-1", "US", "on_demand", 1.2),
                Row("crusoe_A100-80G-sxm4x8", "a100-80gb-sxm", 8, "culpeper-usa-1", "US", "on_demand", 18.0),
            ],
        ),
        ("cudo", [Row("ice-lake-rtx-a5000_2x16v32gb", "rtx-a5000", 2, "se-stockholm-1", "SE", "on_demand", 0.75)]),
        (
            "lambda",
            [
                Row("gpu_8x_v100", "v100-16gb", 8, "us-south-1", "US", "on_demand", 6.5),
                Row("gpu_1x_h100_sxm5", "h100-sxm", 1, "us-south-1", "US", "on_demand", 4.4),
            ],
        ),
    ],
)
def test_spellings_of_smaller_clouds(cloud: str, expected: list[Row]) -> None:
    assert rows_of(read_skypilot_text(_read(cloud), provider=cloud)) == expected


def test_columns_are_read_by_name_in_whatever_order_they_stand() -> None:
    turned = io.StringIO()
    csv.writer(turned).writerows(row[::-1] for row in csv.reader(io.StringIO(_read("do"))))

    assert rows_of(read_skypilot_text(turned.getvalue(), provider="do")) == rows_of(
        read_skypilot_text(_read("do"), provider="do")
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("g6.x,L4,one,4,16,,0.9,,eu-north-1,a", "AcceleratorCount is 'one', not a number"),
        ("g6.x,L4,,4,16,,0.9,,eu-north-1,a", "L4 without an AcceleratorCount"),
        ("g6.x,L4,1,4,16,,cheap,,eu-north-1,a", "Price is 'cheap', not a number"),
        ("g6.x,L4,1,4,16,,-0.9,,eu-north-1,a", "Price is -0.9; allowed is a number from 0 up"),
        ("g6.x,L4,1,4,16,,nan,,eu-north-1,a", "Price is 'nan', not a number"),
        ("g6.x,L4,1,4,16,,1e7,,eu-north-1,a", "10000000.0 is no price; allowed is from 0.000001 to"),
        ("g6.x,L4,1,4,16,\"{'Gpus': [\",0.9,,eu-north-1,a", "GpuInfo cannot be read"),
        (f'g6.x,L4,1,4,16,"{"{[" * 900}",0.9,,eu-north-1,a', "GpuInfo is too long or too deep"),
        (f'g6.x,L4,1,4,16,"{{{"-" * 3000}1}}",0.9,,eu-north-1,a', "GpuInfo cannot be read"),
        (",L4,1,4,16,,0.9,,eu-north-1,a", "no InstanceType"),
        ("g6.x,L4,4096,4,16,,0.9,,eu-north-1,a", "4096 GPUs; allowed are 1024"),
        ("g6.x,L4,1,4,16,,0.9,,eu-north-1", "9 cells under a header of 10"),
        ("g6.x,L4,1,4,16,\"{'Gpus',0.9,,eu-north-1,a", "is a quote left open?"),
        ("g6.x,L4\x00,1,4,16,,0.9,,eu-north-1,a", "a control character"),
        (f"{'g' * 300},L4,1,4,16,,0.9,,eu-north-1,a", "a name of more than 200 characters"),
        (f"{'g' * 70000},L4,1,4,16,,0.9,,eu-north-1,a", "longer than 65536 bytes"),
    ],
)
def test_a_broken_row_is_refused_with_its_line_and_the_others_are_read(row: str, reason: str) -> None:
    good = "g6.2xlarge,L4,1,8,32,,0.99,,eu-north-1,eun1-az1"

    catalogue = read_skypilot_text(f"{HEADER}\n{good}\n{row}\n{good.replace('2x', '4x')}\n", provider="aws")

    (refused,) = catalogue.refused
    assert (refused.line, [each.instance_type for each in rows_of(catalogue)]) == (3, ["g6.2xlarge", "g6.4xlarge"])
    assert reason in refused.reason


def test_two_gpus_under_one_identifier_are_refused() -> None:
    rows = "g6.x,L4,1,4,16,,0.9,,eu-north-1,a\ng6.x,L4,2,4,16,,0.8,,eu-north-1,b"

    catalogue = read_skypilot_text(f"{HEADER}\n{rows}\n", provider="aws")

    assert [(each.line, "but 1x l4 in line 2" in each.reason) for each in catalogue.refused] == [(3, True)]


def test_a_file_of_other_columns_is_no_catalogue() -> None:
    with pytest.raises(NotACatalogue, match="lacks AcceleratorName, AcceleratorCount, SpotPrice"):
        read_skypilot_text("InstanceType,GPU,Price,Region\nx,L4,1,eu\n", provider="aws")
    with pytest.raises(NotACatalogue, match="the file is empty"):
        read_skypilot_text("", provider="aws")
    with pytest.raises(NotACatalogue, match="names Price twice"):
        read_skypilot_text(f"{HEADER},Price\n", provider="aws")
    with pytest.raises(NotACatalogue, match="holds no rows"):
        read_skypilot_text(f"{HEADER}\n", provider="aws")
