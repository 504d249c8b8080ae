"""The fit: effects that bring predictions near to observations, without leaving what their levels allow.

Levenberg-Marquardt on log errors under a loss that grows linearly for outliers, with a ridge on every effect. The
derivative by each coefficient is taken once for all observations; the effects are linear below it, so any number of
them costs one matrix product. Nothing is drawn at random: the same observations give the same effects.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.speed.coefficients import Effects, scaled
from planner.speed.design import Design
from planner.speed.effects import COEFFICIENTS
from planner.speed.observations import Observation, loads
from planner.speed.roofline import physics
from planner.speed.scenarios import SCENARIOS, Load, Run
from planner.speed.settings import Floats, Labels, Settings, stack

_NOISE = 0.06
_SOURCE_WEIGHT_EXPONENT = -0.25
_STEP = 1e-5
_ROUNDS = 40
_LARGEST_MOVE = 1.0
_DAMPING = 1e-2
_LEAST_DAMPING = 1e-6
_MOST_DAMPING = 1e6
_ENOUGH = 1e-5


class Data:
    """Observations as arrays: settings, loads, the logarithms of what was measured, and each one's weight.

    They are kept in the order of their scenarios; `order` gives each one's place in the sequence that they came in.
    """

    def __init__(self, observations: Sequence[Observation]) -> None:
        """Lay the observations out; sources with many of them count for less each."""
        names = [observation.scenario for observation in observations]
        self.order: list[int] = sorted(range(len(names)), key=lambda index: names[index])
        ordered = [observations[index] for index in self.order]
        self.measured: Floats = np.log([observation.measured for observation in ordered])
        self._parts: list[tuple[str, Settings, Load]] = []
        for name in sorted(set(names)):
            part = [observation for observation in ordered if observation.scenario == name]
            self._parts.append((name, stack([observation.point for observation in part]), loads(part)))
        self.labels: dict[str, Labels] = {
            part: np.concatenate([settings.labels[part] for _, settings, _ in self._parts])
            for part in self._parts[0][1].labels
        }
        self.slopes: dict[str, Floats] = {
            name: np.concatenate([settings.slopes[name] for _, settings, _ in self._parts])
            for name in self._parts[0][1].slopes
        }
        sources = [observation.case.src for observation in ordered]
        counts = np.array([sources.count(source) for source in sources], dtype=np.float64)
        weights = counts**_SOURCE_WEIGHT_EXPONENT
        self.weights: Floats = weights / np.sqrt(np.mean(weights**2))

    def predicted(self, values: Mapping[str, Floats]) -> Floats:
        """Return the logarithms of the predictions with coefficients `values`, each in its own scale."""
        found: list[Floats] = []
        first = 0
        for name, settings, load in self._parts:
            last = first + len(load.batch)
            natural = physics({coefficient: value[first:last] for coefficient, value in values.items()})
            found.append(np.log(SCENARIOS[name](Run(settings, natural, load))))
            first = last
        return np.concatenate(found)


class Fit:
    """Effects fitted to observations."""

    def __init__(self, data: Data, *, start: Effects | None = None) -> None:
        """Fit all effects, starting from `start` where a fit to similar observations is at hand."""
        self._data = data
        self._design = Design(data.labels, data.slopes)
        values = np.zeros(len(self._design.variances)) if start is None else self._design.start(start)
        self._values: Floats = self._minimize(values)

    @property
    def effects(self) -> dict[str, dict[str, dict[str, float]]]:
        """The fitted effects."""
        return self._design.read(self._values.tolist())

    def _coefficients(self, values: Floats) -> dict[str, Floats]:
        return {
            name: coefficient.base + self._design.matrices[name] @ values[self._design.blocks[name]]
            for name, coefficient in COEFFICIENTS.items()
        }

    def _errors(self, values: Floats) -> tuple[dict[str, Floats], Floats, Floats]:
        coefficients = self._coefficients(values)
        predicted = self._data.predicted(coefficients)
        return coefficients, predicted, predicted - self._data.measured

    def _cost(self, errors: Floats, values: Floats) -> float:
        scores = (self._data.weights * errors / _NOISE) ** 2
        return float(np.sum(2.0 * (np.sqrt(1.0 + scores) - 1.0)) + np.sum(values**2 / self._design.variances))

    def _jacobian(self, coefficients: dict[str, Floats], predicted: Floats) -> Floats:
        found = np.zeros((len(predicted), len(self._design.variances)))
        for name in COEFFICIENTS:
            moved = {**coefficients, name: coefficients[name] + _STEP}
            slope = (self._data.predicted(moved) - predicted) / _STEP
            found[:, self._design.blocks[name]] = slope[:, None] * self._design.matrices[name]
        return found

    def _minimize(self, values: Floats) -> Floats:
        coefficients, predicted, errors = self._errors(values)
        cost, damping = self._cost(errors, values), _DAMPING
        for _ in range(_ROUNDS):
            jacobian = self._jacobian(coefficients, predicted)
            scale = (self._data.weights / _NOISE) ** 2
            robust = scale / np.sqrt(1.0 + scale * errors**2)
            normal = jacobian.T @ (robust[:, None] * jacobian) + np.diag(1.0 / self._design.variances)
            gradient = jacobian.T @ (robust * errors) + values / self._design.variances
            before = cost
            while damping < _MOST_DAMPING:
                move = -np.linalg.solve(normal + damping * np.diag(np.diag(normal)), gradient)
                moved = values + np.clip(move, -_LARGEST_MOVE, _LARGEST_MOVE)
                trial = self._errors(moved)
                cost = self._cost(trial[2], moved)
                if cost < before:
                    values, (coefficients, predicted, errors) = moved, trial
                    damping = max(damping / 5.0, _LEAST_DAMPING)
                    break
                damping *= 4.0
            if damping >= _MOST_DAMPING or before - cost < _ENOUGH * before:
                break
        return values


def predict(data: Data, effects: Effects) -> Floats:
    """Return log(predicted / measured) of each observation, in the sequence that they came in.

    A prediction knows an observation's settings and load alone.
    """
    length = len(data.measured)
    values = {name: np.broadcast_to(value, length) for name, value in scaled(data.labels, data.slopes, effects).items()}
    found = np.empty(length)
    found[data.order] = data.predicted(values) - data.measured
    return found
