"""`/schema`: the API's OpenAPI document, and a page on it whose files all come from here."""

import importlib.metadata
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from litestar import Response, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.static_files import (
    create_static_files_router,  # pyright: ignore[reportUnknownVariableType]  (its hooks are loosely typed)
)

from service.admission.guard import OPEN
from service.api.admission import KEY_SCHEME
from service.problems import problem_response
from service.refusing import Refusal

API_VERSION: Final = "1"
_ASSETS_PATH: Final = "/schema/assets"
_DESCRIPTION: Final = """\
The cheapest GPU and quantization that will serve DeepSeek-R1 8B at a context and batch, with the working shown.

Every answer to a plan carries `Cache-Status` (RFC 9211) and a strong `ETag`. Every error is a problem of RFC 9457 in
`application/problem+json`: `code` is for programs and stays, `detail` is for people, `field`, `allowed` and `nearest`
say what was wrong and what is taken instead. A request is refused for the first thing that is wrong with it; a body
under `/v1/inventory` for all of them, in `errors`. Unknown fields and query parameters are refused.

A key, where one is needed, is sent as `Authorization: Bearer r1p_...`. Each answer says in `RateLimit-Limit`,
`RateLimit-Remaining` and `RateLimit-Reset` (seconds) how many requests are left in this minute.
"""


def _find_assets() -> Path:
    # Only the package's files are of use, so the package itself is not imported.
    return Path(str(importlib.metadata.distribution("swagger-ui-py").locate_file("swagger_ui/static")))


async def _answer_unknown_page(response: Response[Any]) -> Response[Any]:
    # Litestar answers an unknown path under /schema with a page of its own.
    if response.status_code != HTTPStatus.NOT_FOUND:
        return response
    return problem_response(
        Refusal(
            "There is nothing at this path. The page is at /schema.", code="not_found", status=HTTPStatus.NOT_FOUND
        ).problem
    )


ASSETS_ROUTER: Final = create_static_files_router(
    path=_ASSETS_PATH, directories=[_find_assets()], include_in_schema=False, cache_control=None, opt=dict(OPEN)
)


def make_openapi_config() -> OpenAPIConfig:
    """Return how Litestar documents the API: one page with local files, and the document as JSON."""
    return OpenAPIConfig(
        title="r1plan",
        version=API_VERSION,
        description=_DESCRIPTION,
        components=Components(
            security_schemes={
                KEY_SCHEME: SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An API key of scope read, write or admin; `r1plan key create NAME` makes one.",
                )
            }
        ),
        tags=[
            Tag(name="plan", description="The cheapest deployments for a request."),
            Tag(name="fit", description="One machine or several: does the model fit, how far does it reach."),
            Tag(
                name="inventory",
                description=(
                    "GPUs, providers, offers and machines of one's own. `/v1/gpus` and `/v1/offers` are what a plan "
                    "sees; under `/v1/inventory` is what is kept, to be read and changed with a key of scope `write`."
                ),
            ),
            Tag(name="facts", description="What the planner knows of models, formats and engines."),
            Tag(name="operation", description="For who runs the service."),
        ],
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, after_request=_answer_unknown_page, opt=dict(OPEN)
        ),
        render_plugins=[
            SwaggerRenderPlugin(
                path="/",
                js_url=f"{_ASSETS_PATH}/swagger-ui-bundle.js",
                css_url=f"{_ASSETS_PATH}/swagger-ui.css",
                standalone_preset_js_url=f"{_ASSETS_PATH}/swagger-ui-standalone-preset.js",
                favicon=f'<link rel="icon" type="image/png" href="{_ASSETS_PATH}/favicon-32x32.png">',
            )
        ],
    )
