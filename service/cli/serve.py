"""`r1plan serve`: the REST API."""

import click

from service.cli.errors import BadSetting
from service.cli.local import local_settings, use_database
from service.seed import prepare
from service.server import AddressUnusable, find_address
from service.server import serve as serve_settings

_EPILOG = (
    "Settings are environment variables: R1PLAN_HOST, R1PLAN_PORT, R1PLAN_DATABASE_URL, R1PLAN_REDIS_URL,"
    " R1PLAN_LOG_LEVEL. Exit status: 0 stopped by SIGTERM or SIGINT, 1 failed, 2 a setting cannot be used,"
    " 4 the database cannot be used."
)


@click.command(epilog=_EPILOG)
def serve() -> None:
    """Make and seed the database where it is new, and serve the REST API."""
    settings = local_settings()
    try:
        address = find_address(settings)
    except AddressUnusable as error:
        raise BadSetting(str(error)) from error
    use_database(settings, prepare)
    serve_settings(settings, address=address)
