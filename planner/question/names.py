"""What an inventory and the planner's facts call things, as far as a question may name them."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from planner.gpu import Gpu
from planner.model import ModelSpec
from planner.offer import Offer


class GpuName(Struct, frozen=True, kw_only=True):
    """A GPU's spellings and what narrows a name that several bear: families, memory in GB, class, vendor."""

    gpu_id: str
    spellings: tuple[str, ...]
    families: tuple[str, ...]
    vendor: str
    gpu_class: str
    memory_gb: float | None


class ModelName(Struct, frozen=True, kw_only=True):
    """A model's spellings; `is_deepseek_r1` where it is a member of the family that is planned for by default."""

    model_id: str
    spellings: tuple[str, ...]
    is_deepseek_r1: bool
    max_context: int


class Names(Struct, frozen=True, kw_only=True, cache_hash=True):
    """Every name that a question may use. Built once per inventory revision; equal names read alike."""

    gpus: tuple[GpuName, ...]
    models: tuple[ModelName, ...]
    weight_formats: tuple[str, ...]
    kv_cache_dtypes: tuple[str, ...]
    engines: tuple[str, ...]
    providers: tuple[str, ...]
    provider_kinds: tuple[str, ...]
    regions: tuple[str, ...]
    instance_types: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Names({len(self.gpus)} GPUs, {len(self.models)} models, {len(self.providers)} providers)"

    @property
    def max_context(self) -> int:
        """Tokens of the longest context that a model of the default family takes."""
        own = [model.max_context for model in self.models if model.is_deepseek_r1]
        return max(own or [model.max_context for model in self.models], default=0)


def names_from(  # noqa: PLR0917  (six tables, in the order in which a caller has them)
    gpus: Iterable[Gpu],
    offers: Iterable[Offer],
    models: Mapping[str, ModelSpec],
    weight_formats: Iterable[str],
    kv_cache_dtypes: Iterable[str],
    engines: Iterable[str],
) -> Names:
    """Return the names that an inventory and the planner's facts hold, each kind sorted.

    A purchase is not rented from anybody, and its machine is called what its GPU is: it adds no name.
    """
    providers: set[str] = set()
    kinds: set[str] = set()
    regions: set[str] = set()
    instance_types: set[str] = set()
    for offer in offers:
        if offer.purchase_usd is not None:
            continue
        providers.add(offer.provider)
        kinds.add(offer.provider_kind)
        regions.add(offer.region)
        instance_types.add(offer.instance_type)
    return Names(
        gpus=tuple(sorted(map(_gpu_name, gpus), key=lambda gpu: gpu.gpu_id)),
        models=tuple(_model_name(model) for model in models.values()),
        weight_formats=tuple(sorted(weight_formats)),
        kv_cache_dtypes=tuple(sorted(kv_cache_dtypes)),
        engines=tuple(sorted(engines)),
        providers=tuple(sorted(providers - {""})),
        provider_kinds=tuple(sorted(kinds - {""})),
        regions=tuple(sorted(regions - {""})),
        instance_types=tuple(sorted(instance_types - {""})),
    )


def _gpu_name(gpu: Gpu) -> GpuName:
    return GpuName(
        gpu_id=gpu.gpu_id,
        spellings=(gpu.gpu_id, gpu.name, *gpu.aliases),
        families=tuple(gpu.families),
        vendor=gpu.vendor,
        gpu_class=gpu.gpu_class,
        memory_gb=gpu.memory_gb,
    )


def _model_name(model: ModelSpec) -> ModelName:
    short = model.hugging_face_id.rpartition("/")[2]
    return ModelName(
        model_id=model.model_id,
        spellings=(model.model_id, model.hugging_face_id, short, *model.aliases),
        is_deepseek_r1=model.role == "deepseek-r1",
        max_context=model.max_position_embeddings,
    )
