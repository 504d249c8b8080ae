"""Draws for another process: specifications on standard input, pictures on standard output, until the input ends."""

import sys
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from service.charts.drawing import DrawingFailed, PictureFormat, draw

LENGTH_BYTES: Final = 4
"""A message is its length in that many bytes, the highest first, and then itself."""


class Order(Struct, frozen=True, kw_only=True):
    """What is to be drawn: a Vega-Lite specification as JSON."""

    picture_format: PictureFormat
    spec: bytes


class Delivery(Struct, frozen=True, kw_only=True):
    """The picture, empty where the specification cannot be drawn, which `problem` then tells of."""

    picture: bytes = b""
    problem: str = ""


def render(orders: BinaryIO, deliveries: BinaryIO) -> None:
    """Answer each of `orders` on `deliveries`, in their order."""
    while length := orders.read(LENGTH_BYTES):
        order = msgspec.msgpack.decode(orders.read(int.from_bytes(length)), type=Order)
        try:
            delivery = Delivery(picture=draw(order.spec, order.picture_format))
        except DrawingFailed as error:
            delivery = Delivery(problem=str(error))
        deliveries.write(as_message(delivery))
        deliveries.flush()


def as_message(value: Order | Delivery) -> bytes:
    """Return `value` as it goes over the pipe."""
    body = msgspec.msgpack.encode(value)
    return len(body).to_bytes(LENGTH_BYTES) + body


if __name__ == "__main__":
    render(sys.stdin.buffer, sys.stdout.buffer)
