"""The use case of charts: a plan's request in, the picture of its answer out."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, cast

from msgspec import Struct

from planner import FIELDS, Field, Inventory, KnownModels, PlanRequest, plan, read_field, read_plan_request
from service.cache import AnswerCache, Entry, Found
from service.charts.drawing import DRAWING_VERSION, MEDIA_TYPES, PictureFormat
from service.charts.frame import Spec
from service.charts.memory import memory_chart
from service.charts.price_speed import OPTIONS_DRAWN, price_speed_chart
from service.pictures import Pictures
from service.planning import Planning
from service.tasks import Task, plan_as_of, settle_plan

ChartKind: TypeAlias = Literal["price_speed", "memory"]

CHARTS_VERSION: Final = 2
"""Raised whenever the same answer is drawn in another way: no kept picture outlives it."""

CHART_FIELDS: Final[Mapping[str, Field]] = {
    "kind": Field(
        kind="text",
        choices=("price_speed", "memory"),
        example="price_speed",
        description="What is drawn: every option's price against speed, or the first option's memory against context.",
    ),
    "format": Field(kind="text", choices=tuple(MEDIA_TYPES), example="png", description="The picture's format."),
}
"""What a chart takes beside the fields of a plan."""


def read_chart_fields(fields: Mapping[str, object]) -> tuple[ChartKind, PictureFormat, dict[str, object]]:
    """Return kind and format among `fields`, `price_speed` and `png` where not given, and the rest: a plan's fields.

    Raises InvalidRequest.
    """
    rest = dict(fields)
    kind, picture_format = (
        read_field(name, field, rest.pop(name)) if name in rest else field.choices[0]
        for name, field in CHART_FIELDS.items()
    )
    return cast("ChartKind", kind), cast("PictureFormat", picture_format), rest


def read_drawn_request(fields: Mapping[str, object], models: KnownModels) -> PlanRequest:
    """Return the request of a plan to draw: as of any plan, with more options where `limit` is not given."""
    return read_plan_request({"limit": OPTIONS_DRAWN, **fields}, models=models)


def draw_chart(kind: ChartKind, request: PlanRequest, inventory: Inventory, *, today: dt.date) -> Spec:
    """Return the chart of that kind of the answer to `request`, as Vega-Lite."""
    answer = plan(request, inventory, today=today)
    return price_speed_chart(answer) if kind == "price_speed" else memory_chart(answer, inventory)


def _task(kind: ChartKind) -> Task[PlanRequest, Spec]:
    def answer(request: PlanRequest, inventory: Inventory, today: dt.date) -> Spec:
        return draw_chart(kind, request, inventory, today=today)

    return Task(
        name=f"chart/{kind}/{CHARTS_VERSION}",
        fields=FIELDS,
        read=read_drawn_request,
        answer=answer,
        as_of=plan_as_of,
        settle=settle_plan,
    )


_TASKS: Final[Mapping[ChartKind, Task[Any, Any]]] = {kind: _task(kind) for kind in ("price_speed", "memory")}


class ChartOrder(Struct, frozen=True, kw_only=True):
    """A picture to be drawn, and the strong entity tag (quotes included) that it will bear."""

    spec: bytes
    picture_format: PictureFormat

    @property
    def key(self) -> str:
        """The name of the picture: a hash of all that it follows from."""
        return hashlib.sha256(f"{DRAWING_VERSION} {self.picture_format} ".encode() + self.spec).hexdigest()

    @property
    def etag(self) -> str:
        """The picture's entity tag."""
        return f'"{self.key[:32]}"'


class Charting:
    """Draws plans; specifications and pictures are kept as answers are."""

    def __init__(self, *, planning: Planning, answers: AnswerCache, pictures: Pictures) -> None:
        """Draw what `planning` answers; `answers` keeps the pictures."""
        self._planning = planning
        self._answers = answers
        self._pictures = pictures

    async def order(self, kind: ChartKind, picture_format: PictureFormat, fields: Mapping[str, object]) -> ChartOrder:
        """Return what to draw for the plan of `fields`; raises InvalidRequest and InventoryUnavailable."""
        found = await self._planning.answer(_TASKS[kind], fields)
        return ChartOrder(spec=found.entry.body, picture_format=picture_format)

    async def draw(self, order: ChartOrder) -> Found:
        """Return the picture, under the order's own tag; raises DrawingFailed."""
        found = await self._answers.fetch(order.key, lambda: self._pictures.draw(order.spec, order.picture_format))
        return Found(entry=Entry(body=found.entry.body, etag=order.etag), source=found.source)

    async def close(self) -> None:
        """End the process that draws."""
        await self._pictures.close()
