"""What is written before the loop's next round leaves together."""

import asyncio
from collections.abc import Iterable

from server.gathering import MOST_BYTES, Gathering


class Wire:
    """A transport that notes what it is given."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_closed = False

    def writelines(self, parts: Iterable[bytes]) -> None:
        assert not self.is_closed
        self.sent.append(b"".join(parts))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


def gathering() -> tuple[Gathering, Wire]:
    wire = Wire()
    return Gathering(wire, asyncio.get_running_loop()), wire


async def test_head_and_body_leave_in_one_write() -> None:
    transport, wire = gathering()

    transport.write(b"head")
    transport.write(b"body")

    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"headbody"]


async def test_a_head_whose_body_is_not_ready_leaves_alone() -> None:
    transport, wire = gathering()

    transport.write(b"head")
    await asyncio.sleep(0)
    transport.write(b"body")
    await asyncio.sleep(0)

    assert wire.sent == [b"head", b"body"]


async def test_what_is_held_leaves_before_the_connection_closes() -> None:
    transport, wire = gathering()

    transport.write(b"goodbye")
    transport.close()
    await asyncio.sleep(0)

    assert wire.sent == [b"goodbye"]
    assert transport.is_closing()


async def test_much_is_not_held_at_all() -> None:
    transport, wire = gathering()

    transport.write(b"x" * MOST_BYTES)

    assert wire.sent == [b"x" * MOST_BYTES]
