"""`python -m service`: the same as `r1plan`."""

from service.cli import main

main(prog_name="r1plan")
