"""OPTIONS: every path names all of its methods."""

from litestar import Litestar
from litestar.routes import HTTPRoute


def name_all_methods(litestar: Litestar) -> None:
    """Let each path's answer to OPTIONS name the methods of all of its handlers.

    Litestar makes that answer with a path's first handler and keeps it when others join, so it named that one's alone.
    HEAD goes with GET: it is answered as that one without a body (`service.observation`).
    """
    for route in litestar.routes:
        if isinstance(route, HTTPRoute):
            if "GET" in route.methods:
                route.methods.add("HEAD")
            kept, parameters = route.route_handler_map["OPTIONS"]
            handler = route.create_options_handler(route.path)
            handler.owner = kept.owner
            handler.on_registration(litestar)
            route.route_handler_map["OPTIONS"] = (handler, parameters)
