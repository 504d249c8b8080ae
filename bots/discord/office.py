"""What everything that answers on Discord works with."""

from collections.abc import Callable

from msgspec import Struct

from bots.desk import Desk
from bots.discord.work import Work
from bots.message import Message
from bots.servers import Servers
from bots.states import States
from bots.words import Language


class Office(Struct, frozen=True, kw_only=True):
    """The desk that answers, what is kept meanwhile and for servers, and `work`, where what is under way is counted.

    `compose_help` makes the help in a language.
    """

    desk: Desk
    states: States
    servers: Servers
    work: Work
    compose_help: Callable[[Language], Message]
