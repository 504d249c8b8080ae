"""The excerpts beside the checkout, held against rows written down by hand; each names the quirk that it shows."""

from pathlib import Path

from tests.service.inventory.importers.reading import (
    Row,
    doubts_of,
    left_out_of,
    offer_of,
    read_skypilot_text,
    rows_of,
)


def _read(shared_folder: Path, name: str) -> str:
    return (shared_folder / "data" / "catalog_excerpts" / name).read_text(encoding="utf-8")


def test_aws_excerpt_fractions_and_spot_prices_equal_to_on_demand(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "aws.csv"), provider="aws")

    assert rows_of(catalogue) == [
        # Quirk 1: GpuInfo as the text of a Python dict, 22,888 MiB for a 24 GB card.
        Row("g6.xlarge", "l4", 1, "us-east-1", "US", "on_demand", 0.8048),
        Row("g6.xlarge", "l4", 1, "us-east-1", "US", "spot", 0.4386),
        Row("g6e.xlarge", "l40s", 1, "ap-northeast-1", "JP", "on_demand", 2.699),
        Row("g6e.xlarge", "l40s", 1, "ap-northeast-1", "JP", "spot", 1.197),
        # Quirk 5: the spot price repeats the on-demand price with fewer places: no spot. Quirk 6: the SXM board.
        Row("p4de.24xlarge", "a100-80gb-sxm", 8, "eu-central-1", "DE", "on_demand", 34.29122),
        # Quirk 5: no spot price.
        Row("p5.48xlarge", "h100-sxm", 8, "eu-north-1", "SE", "on_demand", 58.8928),
        Row("p6-b200.48xlarge", "b200", 8, "us-east-1", "US", "on_demand", 113.9328),
        Row("p6-b200.48xlarge", "b200", 8, "us-east-1", "US", "spot", 19.0919),
    ]
    # Quirk 4: an eighth of an L4.
    assert left_out_of(catalogue) == {"a fraction of a GPU": 1}
    # Quirk 6: a T4g is no T4.
    assert doubts_of(catalogue) == {"T4g": "no GPU of the inventory bears this name"}
    assert catalogue.refused == []


def test_azure_excerpt_wrong_count_missing_accelerator_and_missing_prices(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "azure_v6.csv"), provider="azure")

    assert rows_of(catalogue) == [
        # Quirk 1: GpuInfo is the bare name.
        Row("Standard_NC24ads_A100_v4", "a100-80gb-pcie", 1, "eastus", "US", "on_demand", 3.673),
        Row("Standard_NC24ads_A100_v4", "a100-80gb-pcie", 1, "eastus", "US", "spot", 0.444433),
        # Quirk 5: spot equal to on demand. Quirk 6: this H100 is the NVL of 94 GB.
        Row("Standard_NC40ads_H100_v5", "h100-nvl", 1, "eastus", "US", "on_demand", 6.98),
        Row("Standard_NC4as_T4_v3", "t4", 1, "eastus", "US", "on_demand", 0.526),
        Row("Standard_NC4as_T4_v3", "t4", 1, "eastus", "US", "spot", 0.062699),
        # Quirk 4: the catalogue says 12 GPUs, the machine has 8.
        Row("Standard_ND96isr_H100_v5", "h100-sxm", 8, "eastus", "US", "on_demand", 98.32),
    ]
    assert offer_of(catalogue, "Standard_ND96isr_H100_v5").flags == ("the catalogue says 12 GPUs; the machine has 8",)
    # Quirk 4: no accelerator named (a machine with an A10 among them), and a machine without any price.
    assert left_out_of(catalogue) == {"names no GPU": 2, "has no price": 1}
    assert doubts_of(catalogue) == {"K80": "no GPU of the inventory bears this name"}


def test_gcp_excerpt_hosts_and_accelerators_on_rows_of_their_own(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "gcp.csv"), provider="gcp")

    assert rows_of(catalogue) == [
        # Quirk 3: host 0.73948 + accelerator 2.93391, and 0.36975 + 1.4341 as spot.
        Row("a2-highgpu-1g", "a100-40gb-sxm", 1, "us-central1", "US", "on_demand", 3.67339),
        Row("a2-highgpu-1g", "a100-40gb-sxm", 1, "us-central1", "US", "spot", 1.80385),
        # 4.20 for an H100 that costs 9.80 elsewhere in the file: kept, but not as for sale.
        Row("a3-highgpu-1g", "h100-sxm", 1, "us-central1", "US", "on_demand", 5.38327, "indicative"),
        Row("a3-highgpu-1g", "h100-sxm", 1, "us-central1", "US", "spot", 3.35377),
    ]
    assert left_out_of(catalogue) == {
        # Quirk 3: two accelerators went with their hosts, five have no host in their zone, and a TPU is mixed in.
        "an accelerator, priced with its host": 2,
        "an accelerator without a row of its host in that zone": 5,
        "a TPU, not a GPU": 1,
    }


def test_lambda_excerpt_every_shape_in_every_region(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "lambda.csv"), provider="lambda")

    assert rows_of(catalogue) == [
        Row("gpu_4x_a6000", "rtx-a6000", 4, "us-east-1", "US", "on_demand", 4.36),
        # Quirk 2: the total is that of one GPU. The instance type tells the board.
        Row("gpu_8x_a100_80gb_sxm4", "a100-80gb-sxm", 8, "us-east-1", "US", "on_demand", 22.32),
        Row("gpu_1x_gh200", "gh200", 1, "us-east-1", "US", "on_demand", 2.29),
    ]
    # Quirk 7: availability is not implied.
    assert "availability not implied" in offer_of(catalogue, "gpu_1x_gh200").flags[0]
    assert left_out_of(catalogue) == {"names no GPU": 1}


def test_oci_excerpt_shapes_with_and_without_gpus(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "oci.csv"), provider="oci")

    assert rows_of(catalogue) == [
        Row("BM.GPU.MI355X.8", "mi355x", 8, "af-casablanca-1", "MA", "on_demand", 68.8),
        # Quirk 6: a V100 is 16 or 32 GB; 16,384 MiB tells.
        Row("VM.GPU3.1", "v100-16gb", 1, "af-casablanca-1", "MA", "on_demand", 2.95),
        Row("VM.GPU3.1", "v100-16gb", 1, "af-casablanca-1", "MA", "spot", 1.475),
    ]
    assert left_out_of(catalogue) == {"names no GPU": 1}


def test_runpod_excerpt_memory_in_gib_and_spot_equal_everywhere(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "runpod.csv"), provider="runpod")

    assert rows_of(catalogue) == [
        # Quirk 2: "SizeInMiB" 80 means GiB. Quirk 5: spot equals on demand. The name in GpuInfo tells the board.
        Row("1x_A100-80GB_SECURE", "a100-80gb-pcie", 1, "IN", "IN", "on_demand", 1.39),
        Row("2x_A100-80GB_SECURE", "a100-80gb-pcie", 2, "US", "US", "on_demand", 2.78),
    ]


def test_vast_excerpt_total_memory_lost_suffixes_and_odd_regions(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "vast.csv"), provider="vast")

    assert rows_of(catalogue) == [
        # Quirk 5: a spot price of 0.00 is none, in every row. Quirk 7: regions with commas, in quotes.
        Row("1x-H200-32-65536", "h200-sxm", 1, "France, FR, EU", "FR", "on_demand", 2.65),
        # Quirk 2: 65,214 MiB are those of both GPUs.
        Row("2x-RTX_5090-32-65536", "rtx-5090", 2, "Hafnarfjarðarkaupstaður, IS, EU", "IS", "on_demand", 0.93),
        # Quirk 7: an empty city.
        Row("4x-H200-32-65536", "h200-sxm", 4, ", US, NA", "US", "on_demand", 10.59),
        # Quirk 6: the name column says RTX4070, the instance type 4070S Ti.
        Row("2x-RTX_4070S_Ti-32-65536", "rtx-4070-ti-super", 2, "Bulgaria, BG, EU", "BG", "on_demand", 0.36),
        # Quirk 6: an A100 of 80 GB here, and its board in the instance type.
        Row("1x-A100_PCIE-32-65536", "a100-80gb-pcie", 1, "Oklahoma, US, NA", "US", "on_demand", 0.87),
        Row(
            "1x-RTX_PRO_6000_S-32-65536",
            "rtx-pro-6000-blackwell-server",
            1,
            "New York, US, NA",
            "US",
            "on_demand",
            1.13,
        ),
    ]
    # Quirk 6: an RTX 4090 modified to 48 GB is none of the inventory's.
    (doubt,) = catalogue.doubts.values()
    assert (doubt.key.name, doubt.candidates, doubt.first_line) == ("RTX 4090", ("rtx-4090",), 5)
    assert "47.99 GiB" in doubt.reason


def test_verda_excerpt_json_and_a_spot_price_alone(shared_folder: Path) -> None:
    catalogue = read_skypilot_text(_read(shared_folder, "verda.csv"), provider="verda")

    assert rows_of(catalogue) == [
        # Quirk 1: GpuInfo is JSON; 268,288 MiB of a "288 GB" card.
        Row("1B300.30V", "b300", 1, "FIN-03", "FI", "on_demand", 6.99),
        Row("1B300.30V", "b300", 1, "FIN-03", "FI", "spot", 2.447),
        # Quirk 5: a spot price without an on-demand price. Quirk 2: here the size is that of one GPU.
        Row("2B300.60V", "b300", 2, "FIN-03", "FI", "spot", 4.893),
        Row("1H100.80S.32V", "h100-sxm", 1, "FIN-02", "FI", "on_demand", 2.29),
        Row("1H100.80S.32V", "h100-sxm", 1, "FIN-02", "FI", "spot", 0.8015),
    ]
    assert left_out_of(catalogue) == {"names no GPU": 1}


def test_excerpt_of_five_small_clouds(shared_folder: Path) -> None:
    header, seeweb, lium, shadeform, digitalocean, other_header, hyperstack = _read(
        shared_folder, "seeweb_lium_shadeform_hyperstack_do.txt"
    ).splitlines()

    # Quirk 2: a size of 0. Quirk 7: a blank region. An RTX PRO 6000 of 96 GB may be either board: never guessed.
    catalogue = read_skypilot_text(f"{header}\n{seeweb}\n", provider="seeweb")
    (doubt,) = catalogue.doubts.values()
    assert rows_of(catalogue) == []
    assert doubt.key.name == "RTX PRO 6000 96GB"
    assert doubt.candidates == ("rtx-pro-6000-blackwell-server", "rtx-pro-6000-blackwell-workstation")

    # Quirk 2: the total nested inside Gpus.
    catalogue = read_skypilot_text(f"{header}\n{lium}\n", provider="lium")
    assert rows_of(catalogue) == [Row("B200_1x", "b200", 1, "AU", "AU", "on_demand", 5.8)]
    assert offer_of(catalogue, "B200_1x").provider_kind == "marketplace"

    # Quirk 2: 48 means GiB. A broker's instance type begins with the seller.
    catalogue = read_skypilot_text(f"{header}\n{shadeform}\n", provider="shadeform")
    assert rows_of(catalogue) == [
        Row("massedcompute_A6000x8", "rtx-a6000", 8, "kansascity-usa-1", "US", "on_demand", 4.56)
    ]
    assert offer_of(catalogue, "massedcompute_A6000x8").provider == "massedcompute"

    # Quirk 1: all keys in lower case. 81,559 MiB rule the NVL out; PCIe or SXM is not told.
    catalogue = read_skypilot_text(f"{header}\n{digitalocean}\n", provider="do")
    (doubt,) = catalogue.doubts.values()
    assert rows_of(catalogue) == []
    assert (doubt.key.name, doubt.candidates) == ("H100", ("h100-pcie", "h100-sxm"))

    # Quirk 1: a Python dict with JSON's null; the columns stand in another order.
    catalogue = read_skypilot_text(f"{other_header}\n{hyperstack}\n", provider="hyperstack")
    assert rows_of(catalogue) == [Row("n3-A100x1", "a100-80gb-pcie", 1, "CANADA-1", "CA", "on_demand", 1.35)]
