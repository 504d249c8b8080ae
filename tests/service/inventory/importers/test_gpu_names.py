import pytest

from service.inventory.importers.findings import Machine
from service.inventory.importers.gpu_names import GpuNames, Resolved, ReviewKey, Unresolved
from service.seed import read_gpus

GPUS = GpuNames(read_gpus())


def _machine(
    *names: str,
    gib: tuple[float, ...] = (),
    count: int = 1,
    instance_type: str = "a machine",
    provider: str = "nobody",
) -> Machine:
    return Machine(
        line=2,
        provider=provider,
        instance_type=instance_type,
        gpu_names=names,
        gpu_count=count,
        gpu_memory_gib=gib,
        region="",
    )


@pytest.mark.parametrize(
    ("machine", "gpu_id"),
    [
        (_machine("L4"), "l4"),
        (_machine("NVIDIA GeForce RTX 4090", gib=(24,)), "rtx-4090"),
        # One name, two products: the memory tells which.
        (_machine("V100", gib=(16,)), "v100-16gb"),
        (_machine("V100", gib=(32,)), "v100-32gb"),
        (_machine("A100_SXM4", gib=(40,)), "a100-40gb-sxm"),
        (_machine("A100 SXM", gib=(80,)), "a100-80gb-sxm"),
        (_machine("H100", gib=(93.6,)), "h100-nvl"),
        # The alias of the 80 GB board, but with 40 GB.
        (_machine("A100 PCIe", gib=(40,)), "a100-40gb-pcie"),
        # The two names narrow each other down.
        (_machine("A100 PCIe", "A100-80GB", gib=(80,)), "a100-80gb-pcie"),
        # Memory in the name only, and a board in the instance type only.
        (_machine("H100 94GB"), "h100-nvl"),
        (_machine("H100", instance_type="gpu-h100-sxm_8gpu"), "h100-sxm"),
        (_machine("A100-80GB", instance_type="gpu_8x_a100_80gb_sxm4"), "a100-80gb-sxm"),
        (_machine("A100-80G-PCIe-NVLink", gib=(80,)), "a100-80gb-pcie"),
        # A number that may be that of one GPU or of two.
        (_machine("A100", gib=(160, 80), instance_type="2A100.80S sxm", count=2), "a100-80gb-sxm"),
        # Where nothing of the name is a product's, but the machine is known.
        (_machine("Tesla A100", provider="gcp", instance_type="a2-ultragpu-1g"), "a100-80gb-sxm"),
    ],
)
def test_a_gpu_is_told_by_name_memory_board_and_machine(machine: Machine, gpu_id: str) -> None:
    assert GPUS.resolve(machine) == Resolved(gpu_id=gpu_id, gpu_count=machine.gpu_count)


@pytest.mark.parametrize(
    ("machine", "reason", "candidates"),
    [
        (_machine("H900"), "no GPU of the inventory bears this name", ()),
        (_machine("T4g", gib=(16,)), "no GPU of the inventory bears this name", ()),
        (_machine("A100", gib=(40,)), "the name means several GPUs", ("a100-40gb-pcie", "a100-40gb-sxm")),
        (_machine("H100", gib=(79.6,)), "the name means several GPUs", ("h100-pcie", "h100-sxm")),
        (
            _machine("RTX PRO 6000"),
            "the name means several GPUs",
            ("rtx-pro-6000-blackwell-server", "rtx-pro-6000-blackwell-workstation"),
        ),
        (_machine("RTX 4090", gib=(48,)), "the catalogue says 48 GiB and RTX 4090; rtx-4090 has 23.52", ("rtx-4090",)),
        (
            _machine("RTX6000", gib=(48,)),
            "the catalogue says 48 GiB and RTX6000; rtx-6000-turing has 22.32",
            ("rtx-6000-turing",),
        ),
        (_machine("L4", "T4"), "the names L4 and T4 disagree", ("l4", "t4")),
        (
            _machine("L4", provider="aws", instance_type="p5.48xlarge"),
            "this machine is known to have h100-sxm",
            ("h100-sxm",),
        ),
        (
            _machine("A100", provider="aws", instance_type="p4d.24xlarge", gib=(80,)),
            "the catalogue says 80 GiB and A100; a100-40gb-sxm has 39.49",
            ("a100-40gb-sxm",),
        ),
    ],
)
def test_a_gpu_that_cannot_be_told_is_not_guessed(machine: Machine, reason: str, candidates: tuple[str, ...]) -> None:
    found = GPUS.resolve(machine)
    assert isinstance(found, Unresolved)
    assert (found.reason, found.candidates) == (reason, candidates)


def test_every_gpu_is_found_by_its_own_names_and_an_alias_of_several_means_none_alone() -> None:
    for gpu in read_gpus():
        for name in (gpu.gpu_id, gpu.name):
            assert GPUS.resolve(_machine(name)) == Resolved(gpu_id=gpu.gpu_id, gpu_count=1), name
        for alias in gpu.aliases:
            found = GPUS.resolve(_machine(alias))
            ids = (found.gpu_id,) if isinstance(found, Resolved) else found.candidates
            assert gpu.gpu_id in ids, alias


def test_what_a_person_decided_comes_first_and_for_that_machine_or_that_name() -> None:
    decided = GpuNames(
        read_gpus(),
        decisions={
            ReviewKey("A100", "gpu_1x_a100", 40.0): "a100-40gb-pcie",
            ReviewKey("RTX 4090", "", 48.0): "rtx-6000-ada",
        },
    )

    assert decided.resolve(_machine("A100", gib=(40,), instance_type="gpu_1x_a100")) == Resolved(
        gpu_id="a100-40gb-pcie", gpu_count=1
    )
    assert isinstance(decided.resolve(_machine("A100", gib=(40,), instance_type="gpu_8x_a100")), Unresolved)
    assert decided.resolve(_machine("RTX 4090", gib=(48,), instance_type="any")) == Resolved(
        gpu_id="rtx-6000-ada", gpu_count=1
    )
