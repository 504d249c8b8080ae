"""Pictures from a process of their own: drawing one would stop every other Python thread of this one."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import Final

import msgspec

from service.charts.drawing import DrawingFailed, PictureFormat
from service.charts.renderer import LENGTH_BYTES, Delivery, Order, as_message

DRAWING_SECONDS: Final = 30
"""How long one picture may take: it takes a tenth of a second, and the first most of one."""

_ATTEMPTS: Final = 2


class Pictures:
    """Draws specifications one after the other in a process that is started with the first one, and again if it died.

    One process: a chart is asked for now and then, and each costs 110 MB while it waits.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def draw(self, spec: bytes, picture_format: PictureFormat) -> bytes:
        """Return the picture of a Vega-Lite specification; raises DrawingFailed."""
        message = as_message(Order(picture_format=picture_format, spec=spec))
        async with self._turn:
            delivery = await self._deliver(message)
        if delivery.problem:
            raise DrawingFailed(delivery.problem)
        return delivery.picture

    async def close(self) -> None:
        """End the process, if there is one."""
        async with self._turn:
            await self._stop()

    async def _deliver(self, message: bytes) -> Delivery:
        for _ in range(_ATTEMPTS):
            try:
                async with asyncio.timeout(DRAWING_SECONDS):
                    return await self._exchange(message)
            except (asyncio.IncompleteReadError, ConnectionError):
                await self._stop()
            except (TimeoutError, asyncio.CancelledError) as error:
                # What it was at would come out as the next one's picture.
                await self._stop()
                if isinstance(error, TimeoutError):
                    raise DrawingFailed(f"drawing took more than {DRAWING_SECONDS} seconds") from error
                raise
        raise DrawingFailed(f"the process that draws ended {_ATTEMPTS} times while it was at this picture")

    async def _exchange(self, message: bytes) -> Delivery:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "service.charts.renderer", stdin=PIPE, stdout=PIPE
            )
        orders, deliveries = self._process.stdin, self._process.stdout
        if orders is None or deliveries is None:
            raise AssertionError
        orders.write(message)
        await orders.drain()
        length = int.from_bytes(await deliveries.readexactly(LENGTH_BYTES))
        return msgspec.msgpack.decode(await deliveries.readexactly(length), type=Delivery)

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        # Closes the pipes too.
        await process.communicate()
