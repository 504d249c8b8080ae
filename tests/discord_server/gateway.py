"""The gateway: a WebSocket over which the bot identifies itself and hears what happens."""

from __future__ import annotations

import contextlib
import enum
import json
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import WSMessage, WSMsgType, web

from tests.discord_server.rules.problem import Json
from tests.discord_server.shards import ONLY, Shard, hears
from tests.discord_server.world import World

HEARTBEAT_MS = 41_250
MOST_SENT_PER_MINUTE = 120
LONGEST_FRAME_BYTES = 4096

GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8) | MESSAGE_CONTENT

UNKNOWN_OPCODE, DECODE_ERROR, BAD_TOKEN, RATE_LIMITED, BAD_SHARD = 4001, 4002, 4004, 4008, 4010
BAD_VERSION, BAD_INTENTS = 4012, 4014
CLIENT_ENDED = (1000, 1001)

_Send = Callable[[Json], Awaitable[None]]


class Op(enum.IntEnum):
    """What a payload on the gateway is."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


@dataclass(kw_only=True)
class Session:
    """A bot's session; `log` keeps what was sent, so that a session cut off by the server can be resumed."""

    id: str
    intents: int
    shard: Shard
    socket: web.WebSocketResponse
    send: _Send
    sequence: int = 0
    log: list[tuple[int, Json]] = field(default_factory=list[tuple[int, Json]])
    was_cut: bool = False

    async def emit(self, event: str, data: Json) -> None:
        """Send an event, or keep it for the resume where nobody listens."""
        self.sequence += 1
        payload: Json = {"op": Op.DISPATCH, "t": event, "s": self.sequence, "d": data}
        self.log.append((self.sequence, payload))
        if not self.socket.closed:
            with contextlib.suppress(ConnectionError):
                await self.send(payload)


class Gateway:
    """All sessions. `address` is the WebSocket address that READY names for resuming.

    `advised_shards` is how many connections Discord would advise this bot to open. Whether Discord tells the text of a
    message that mentions only the bot's own role, its documentation leaves open: `tells_role_mentions` is both.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.address = ""
        self.advised_shards = 1
        self.tells_role_mentions = True
        self.sessions: dict[str, Session] = {}
        self.identify_count = 0
        self.resume_count = 0
        self.close_codes: list[int] = []

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=LONGEST_FRAME_BYTES)
        await socket.prepare(request)
        send = _sender(socket, request.query.get("compress"))
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            await socket.close(code=BAD_VERSION)
        elif send is None:
            await socket.close(code=DECODE_ERROR)
        else:
            await send({"op": Op.HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS, "_trace": []}, "s": None, "t": None})
            await self._listen(socket, send)
        return socket

    async def dispatch(self, event: str, data: Json) -> None:
        """Tell the shard whose server it is, if its intents include it; a message's text only where it concerns it."""
        for session in list(self.sessions.values()):
            if not hears(session.shard, data.get("guild_id")):
                continue
            if not event.startswith("MESSAGE_"):
                await session.emit(event, data)
                continue
            is_direct = "guild_id" not in data
            if session.intents & (DIRECT_MESSAGES if is_direct else GUILD_MESSAGES):
                concerns = is_direct or self._concerns_bot(data) or session.intents & MESSAGE_CONTENT
                blank: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
                await session.emit(event, data if concerns else {**data, **blank})

    async def drop(self, *, code: int = 4000) -> None:
        """Cut every connection; the sessions can be resumed."""
        for session in list(self.sessions.values()):
            session.was_cut = True
            await session.socket.close(code=code)

    async def forget(self) -> None:
        """Cut every connection and forget the sessions: whoever tries to resume must begin anew."""
        await self.drop()
        self.sessions.clear()

    async def close(self) -> None:
        """Close every connection for good."""
        for session in list(self.sessions.values()):
            await session.socket.close(code=1001)

    def _concerns_bot(self, message: Json) -> bool:
        concerned = [message["author"], *message["mentions"]]
        own_role = self._world.own_role_id(message.get("guild_id"))
        is_role_mentioned = self.tells_role_mentions and own_role in message["mention_roles"]
        return is_role_mentioned or any(user["id"] == self._world.application_id for user in concerned)

    async def _listen(self, socket: web.WebSocketResponse, send: _Send) -> None:
        session: Session | None = None
        sent_at: list[float] = []
        async for frame in socket:
            payload = _read(frame)
            if payload is None:
                continue
            now = time.monotonic()
            sent_at = [*(moment for moment in sent_at if moment > now - 60), now]
            if len(sent_at) > MOST_SENT_PER_MINUTE:
                await socket.close(code=RATE_LIMITED)
                break
            code = 0
            match payload["op"]:
                case Op.HEARTBEAT:
                    await send({"op": Op.HEARTBEAT_ACK, "d": None, "s": None, "t": None})
                case Op.IDENTIFY:
                    session, code = await self._identify(payload["d"], socket, send)
                case Op.RESUME:
                    session = await self._resume(payload["d"], socket, send)
                case Op.PRESENCE | Op.VOICE:
                    pass
                case _:
                    code = UNKNOWN_OPCODE
            if code:
                await socket.close(code=code)
                break
        if session is not None and socket.close_code in CLIENT_ENDED and not session.was_cut:
            self.sessions.pop(session.id, None)
        self.close_codes.append(socket.close_code or 0)

    async def _identify(self, wanted: Json, socket: web.WebSocketResponse, send: _Send) -> tuple[Session | None, int]:
        """Open a session; the number is the close code where the bot may not have one."""
        self.identify_count += 1
        if wanted["token"] != self._world.token:
            return None, BAD_TOKEN
        if wanted["intents"] & PRIVILEGED:
            return None, BAD_INTENTS
        number, count = wanted.get("shard", ONLY)
        if not 0 <= number < count:
            return None, BAD_SHARD
        session = Session(
            id=secrets.token_hex(16), intents=wanted["intents"], shard=(number, count), socket=socket, send=send
        )
        self.sessions[session.id] = session
        guilds = [guild for guild_id, guild in self._world.guilds.items() if hears(session.shard, guild_id)]
        await session.emit("READY", self._ready(session, guilds))
        for guild in guilds:
            await session.emit("GUILD_CREATE", {**guild, "unavailable": False})
        return session, 0

    def _ready(self, session: Session, guilds: list[Json]) -> Json:
        world = self._world
        return {
            "v": 10,
            "user": {**world.bot, "verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": guild["id"], "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.address,
            "session_type": "normal",
            "private_channels": [],
            "relationships": [],
            "application": {"id": world.application_id, "flags": 0},
            "shard": session.shard,
            "_trace": [],
        }

    async def _resume(self, wanted: Json, socket: web.WebSocketResponse, send: _Send) -> Session | None:
        self.resume_count += 1
        session = self.sessions.get(wanted["session_id"])
        if session is None or wanted["token"] != self._world.token or wanted["seq"] > session.sequence:
            await send({"op": Op.INVALID_SESSION, "d": False, "s": None, "t": None})
            return None
        session.socket, session.send, session.was_cut = socket, send, False
        for sequence, payload in list(session.log):
            if sequence > wanted["seq"]:
                await send(payload)
        await session.emit("RESUMED", {"_trace": []})
        return session


def _sender(socket: web.WebSocketResponse, compression: str | None) -> _Send | None:
    """Return how to send over this connection; None where the compression asked for is not known here."""
    if compression is None:
        return lambda payload: socket.send_str(json.dumps(payload))
    if compression != "zlib-stream":
        return None
    # one deflate stream for the whole connection, flushed after every payload
    stream = zlib.compressobj()

    async def send(payload: Json) -> None:
        await socket.send_bytes(stream.compress(json.dumps(payload).encode()) + stream.flush(zlib.Z_SYNC_FLUSH))

    return send


def _read(frame: WSMessage) -> Json | None:
    is_data = frame.type in (WSMsgType.TEXT, WSMsgType.BINARY)
    return json.loads(frame.data) if is_data else None
