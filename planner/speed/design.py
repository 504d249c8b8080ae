"""The linear part of the fit: which effects each observation has a part in."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from planner.speed.coefficients import Effects, label
from planner.speed.effects import COEFFICIENTS
from planner.speed.settings import Floats, Labels


class Effect(Struct, frozen=True, kw_only=True):
    """One effect: of which coefficient, of which level, under which label; `column` fits it, with a `share` of it.

    Effects that exactly the same observations have a part in cannot be told apart: one column fits their sum, and each
    has the share that its level's variance has in it.
    """

    coefficient: str
    level: str
    label: str
    column: int
    share: float


class Design:
    """The columns of every coefficient, side by side; `blocks` says where each coefficient's columns stand."""

    def __init__(self, labels: Mapping[str, Labels], slopes: Mapping[str, Floats]) -> None:
        """Make the columns for observations of these labels and slopes."""
        self.effects: list[Effect] = []
        self.blocks: dict[str, slice] = {}
        self.matrices: dict[str, Floats] = {}
        variances: list[float] = []
        for name in COEFFICIENTS:
            first = len(variances)
            columns = self._add(name, labels, slopes, variances)
            self.blocks[name] = slice(first, len(variances))
            self.matrices[name] = np.stack(columns, axis=1)
        self.variances: Floats = np.array(variances)

    def start(self, effects: Effects) -> Floats:
        """Return the columns' values that come nearest to `effects`."""
        values = np.zeros(len(self.variances))
        for effect in self.effects:
            by_label = effects.get(effect.coefficient, {}).get(effect.level, {})
            values[effect.column] += by_label.get(effect.label, 0.0)
        return values

    def read(self, values: Sequence[float]) -> dict[str, dict[str, dict[str, float]]]:
        """Return the effects that columns of these `values` stand for."""
        found: dict[str, dict[str, dict[str, float]]] = {name: {} for name in COEFFICIENTS}
        for effect in self.effects:
            by_label = found[effect.coefficient].setdefault(effect.level, {})
            by_label[effect.label] = effect.share * values[effect.column]
        return found

    def _add(
        self, name: str, labels: Mapping[str, Labels], slopes: Mapping[str, Floats], variances: list[float]
    ) -> list[Floats]:
        length = len(next(iter(labels.values())))
        columns: dict[bytes, int] = {}
        found: list[Floats] = []
        members: list[tuple[str, str, int, float]] = []
        for level in COEFFICIENTS[name].levels:
            rows = zip(*(labels[part].tolist() for part in level.parts), strict=True)
            names = np.array([label(row) for row in rows] if level.parts else [label(())] * length, dtype=np.object_)
            for name_ in dict.fromkeys(names.tolist()):
                column: Floats = (names == name_) * (slopes[level.slope] if level.slope else 1.0)
                index = columns.setdefault(column.tobytes(), len(variances))
                if index == len(variances):
                    variances.append(0.0)
                    found.append(column)
                variances[index] += level.spread**2
                members.append((level.name, name_, index, level.spread**2))
        self.effects.extend(
            Effect(coefficient=name, level=level_name, label=name_, column=index, share=variance / variances[index])
            for level_name, name_, index, variance in members
        )
        return found
