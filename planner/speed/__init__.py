"""Speed: what a deployment reaches, from a roofline that is calibrated on measured cases."""

from planner.speed.accuracy import GROUPINGS as SPEED_GROUPINGS
from planner.speed.accuracy import Accuracy as SpeedAccuracy
from planner.speed.accuracy import Grouping as SpeedGrouping
from planner.speed.accuracy import accuracy as speed_accuracy
from planner.speed.calibration import TooFewCases
from planner.speed.calibration import calibrate as calibrate_speed
from planner.speed.cases import Case as SpeedCase
from planner.speed.cases import UnreadableCases
from planner.speed.cases import read_cases as read_speed_cases
from planner.speed.coefficients import Coefficients as SpeedCoefficients
from planner.speed.coefficients import Errors as SpeedErrors
from planner.speed.coefficients import coefficients as speed_coefficients
from planner.speed.deployments import deployment_speed, speed_along_batches
from planner.speed.engines import is_current as is_current_version
from planner.speed.figures import Band, Speed, SpeedAtBatch
from planner.speed.grid import SpeedGrid, Work

__all__ = [
    "SPEED_GROUPINGS",
    "Band",
    "Speed",
    "SpeedAccuracy",
    "SpeedAtBatch",
    "SpeedCase",
    "SpeedCoefficients",
    "SpeedErrors",
    "SpeedGrid",
    "SpeedGrouping",
    "TooFewCases",
    "UnreadableCases",
    "Work",
    "calibrate_speed",
    "deployment_speed",
    "is_current_version",
    "read_speed_cases",
    "speed_accuracy",
    "speed_along_batches",
    "speed_coefficients",
]
