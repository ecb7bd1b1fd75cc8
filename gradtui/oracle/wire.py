"""What the host and torch's process say to one another: msgpack frames behind their length.

pipe.write(frame(Run(1, program)))
for body in Frames().feed(chunk): reply = decode_reply(body)
"""

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from gradtui.language.program import Program
from gradtui.tape.events import AnyEvent

LENGTH = 4  # bytes before each frame, big-endian
LARGEST = 1 << 30  # bytes of one frame; more is damage


class Message(msgspec.Struct, frozen=True, tag=True, tag_field="message"):
    """One frame's content."""


class Run(Message, frozen=True):
    id: int
    program: Program


class Cancel(Message, frozen=True):
    id: int


class Quit(Message, frozen=True):
    """No more requests: end what is running and exit."""


class Ready(Message, frozen=True):
    """Torch is imported and warm."""

    version: str


class Unavailable(Message, frozen=True):
    """Torch cannot be imported; `missing` if it is not installed."""

    reason: str
    missing: bool


class Happened(Message, frozen=True):
    id: int
    events: list[AnyEvent]


class Finished(Message, frozen=True):
    """A run is over: `reason` is empty when it came to its end; `crashed` if its process died."""

    id: int
    reason: str = ""
    crashed: bool = False


Request: TypeAlias = Run | Cancel | Quit
Reply: TypeAlias = Ready | Unavailable | Happened | Finished

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)


class BadFrame(Exception):
    """Bytes that are no frame; the stream cannot be read further."""


def frame(message: Message) -> bytes:
    """The message's bytes behind their length."""
    body = _encoder.encode(message)
    return len(body).to_bytes(LENGTH, "big") + body


def decode_request(body: bytes) -> Request:
    """A request, or BadFrame."""
    try:
        request: Request = _requests.decode(body)
        return request
    except msgspec.DecodeError as error:
        raise BadFrame(str(error)) from error


def decode_reply(body: bytes) -> Reply:
    """A reply, or BadFrame."""
    try:
        reply: Reply = _replies.decode(body)
        return reply
    except msgspec.DecodeError as error:
        raise BadFrame(str(error)) from error


class Frames:
    """Cuts a stream of bytes into the bodies of its frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The frames completed by `chunk`; BadFrame for a length no frame has."""
        buffer = self._buffer
        buffer += chunk
        start = 0
        while len(buffer) - start >= LENGTH:
            length = int.from_bytes(buffer[start : start + LENGTH], "big")
            if length > LARGEST:
                raise BadFrame(f"a frame of {length} bytes")
            end = start + LENGTH + length
            if len(buffer) < end:
                break
            yield bytes(buffer[start + LENGTH : end])
            start = end
        del buffer[:start]
