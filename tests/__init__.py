"""The tests of r1plan; the folders mirror the rooms."""

import os

# As the service does: matrices are small here, and threads over them mostly wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
