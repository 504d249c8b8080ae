"""The service: the inventory, the API and the command line around the planner."""

import os

# NumPy's OpenBLAS reads this once, as it is loaded. Matrices are small here, and threads over them mostly wait for each
# other: calibrating took more than twice the processor time with two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
