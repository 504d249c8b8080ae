"""A GPU for tests of several rooms."""

from planner import Gpu

L4 = Gpu(
    gpu_id="l4",
    name="L4",
    vendor="nvidia",
    architecture="Ada",
    gpu_class="data_center",
    visible_memory_gib=22.03,
    visible_memory_basis="measured",
    compute_capability=(8, 9),
    tdp_watts=72,
)
