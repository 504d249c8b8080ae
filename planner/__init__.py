"""The planner: a request and an inventory in, the cheapest deployments that really fit out.

Pure: no database, no network, no clock, no environment; the same arguments give the same answer.
"""

from planner.accuracy import MemoryAccuracy, MemorySpread, measure_memory
from planner.comparison import Comparison, compare
from planner.cost import bought_usd_per_hour
from planner.engines import MemoryTest
from planner.errors import (
    InvalidRequest,
    MissingFact,
    PlannerError,
    UnknownEngine,
    UnknownGpu,
    UnknownKvCacheDtype,
    UnknownModel,
    UnknownName,
    UnknownProvider,
    UnknownWeightFormat,
    suggest,
)
from planner.facts import (
    EngineFacts,
    checkpoint_for,
    engine_facts,
    kv_cache_dtypes,
    model_cards,
    model_names,
    model_scores,
    models,
    resolve_model,
    tier_rule,
    weight_formats,
)
from planner.field_reading import read_field
from planner.fit import Fit, Judgement, fit
from planner.fit_request import (
    FIT_FIELDS,
    MEMORY_FIELDS,
    NAMES_OF_A_MACHINE,
    FitRequest,
    read_compare_request,
    read_fit_request,
    read_memory_request,
)
from planner.fleet import (
    Allocation,
    Fleet,
    Node,
    first_free_at,
    most_taken,
    overlapping,
    show_moment,
    taken_again_at,
    usage,
)
from planner.gpu import Gpu
from planner.inventory import Inventory, Past, plain_gpu_name
from planner.known_models import KnownModels, read_own_model
from planner.kv_cache import KvCacheDtype
from planner.limits import Limits, MachineLimits, limits
from planner.memory import Memory
from planner.memory_by_context import MemoryAtContext, MemoryCurve, memory_curve
from planner.model import ModelCard, ModelSpec
from planner.offer import Offer
from planner.owned import settle_start
from planner.plan import FrontierPoint, Infeasible, Option, OwnedNode, Plan, Rejection, ReservationDraft
from planner.planning import plan
from planner.quality import Quality
from planner.question import (
    Ambiguity,
    Fragment,
    Intent,
    Names,
    Question,
    QuestionNotUnderstood,
    follow,
    names_from,
    read_fragment,
    read_question,
)
from planner.question import accuracy as question_accuracy
from planner.regions import is_in_region
from planner.request import PlanRequest
from planner.request_fields import FIELDS, Field
from planner.request_reading import check_as_of, read_plan_request
from planner.requirements import Requirements, requirements
from planner.speed import (
    SPEED_GROUPINGS,
    Band,
    Speed,
    SpeedAccuracy,
    SpeedAtBatch,
    SpeedCase,
    SpeedCoefficients,
    SpeedErrors,
    SpeedGrid,
    SpeedGrouping,
    TooFewCases,
    UnreadableCases,
    Work,
    calibrate_speed,
    deployment_speed,
    read_speed_cases,
    speed_accuracy,
    speed_along_batches,
    speed_coefficients,
)
from planner.weight_format import WeightFormat

PLANNER_VERSION = "12"
"""Raised whenever the same request and inventory could give another answer: no cached answer outlives its rules."""

__all__ = [
    "FIELDS",
    "FIT_FIELDS",
    "MEMORY_FIELDS",
    "NAMES_OF_A_MACHINE",
    "PLANNER_VERSION",
    "SPEED_GROUPINGS",
    "Allocation",
    "Ambiguity",
    "Band",
    "Comparison",
    "EngineFacts",
    "Field",
    "Fit",
    "FitRequest",
    "Fleet",
    "Fragment",
    "FrontierPoint",
    "Gpu",
    "Infeasible",
    "Intent",
    "InvalidRequest",
    "Inventory",
    "Judgement",
    "KnownModels",
    "KvCacheDtype",
    "Limits",
    "MachineLimits",
    "Memory",
    "MemoryAccuracy",
    "MemoryAtContext",
    "MemoryCurve",
    "MemorySpread",
    "MemoryTest",
    "MissingFact",
    "ModelCard",
    "ModelSpec",
    "Names",
    "Node",
    "Offer",
    "Option",
    "OwnedNode",
    "Past",
    "Plan",
    "PlanRequest",
    "PlannerError",
    "Quality",
    "Question",
    "QuestionNotUnderstood",
    "Rejection",
    "Requirements",
    "ReservationDraft",
    "Speed",
    "SpeedAccuracy",
    "SpeedAtBatch",
    "SpeedCase",
    "SpeedCoefficients",
    "SpeedErrors",
    "SpeedGrid",
    "SpeedGrouping",
    "TooFewCases",
    "UnknownEngine",
    "UnknownGpu",
    "UnknownKvCacheDtype",
    "UnknownModel",
    "UnknownName",
    "UnknownProvider",
    "UnknownWeightFormat",
    "UnreadableCases",
    "WeightFormat",
    "Work",
    "bought_usd_per_hour",
    "calibrate_speed",
    "check_as_of",
    "checkpoint_for",
    "compare",
    "deployment_speed",
    "engine_facts",
    "first_free_at",
    "fit",
    "follow",
    "is_in_region",
    "kv_cache_dtypes",
    "limits",
    "measure_memory",
    "memory_curve",
    "model_cards",
    "model_names",
    "model_scores",
    "models",
    "most_taken",
    "names_from",
    "overlapping",
    "plain_gpu_name",
    "plan",
    "question_accuracy",
    "read_compare_request",
    "read_field",
    "read_fit_request",
    "read_fragment",
    "read_memory_request",
    "read_own_model",
    "read_plan_request",
    "read_question",
    "read_speed_cases",
    "requirements",
    "resolve_model",
    "settle_start",
    "show_moment",
    "speed_accuracy",
    "speed_along_batches",
    "speed_coefficients",
    "suggest",
    "taken_again_at",
    "tier_rule",
    "usage",
    "weight_formats",
]
