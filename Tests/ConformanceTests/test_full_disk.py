"""A disk that fills up: writes are refused with a clear error, reads go on, and room makes it well again."""

import re

import pytest

from support.contents import Contents
from support.disk import SmallDisk
from support.server import Aviary, four_letter_word, wait_until
from support.wire import Closed, Wire

DISK_BYTES = 512 << 20
LARGER = "size=2048m"
LEAVING_BYTES = 8 << 20
DATA = b"\xd1" * 200_000


@pytest.fixture
def disk(tmp_path):
    with SmallDisk(tmp_path / "disk", DISK_BYTES) as small:
        yield small


@pytest.fixture
def server(tmp_path, disk):
    with Aviary(tmp_path) as own:
        own.data = disk.folder / "data"
        yield own


def write_until_refused(wire: Wire, contents: Contents, name: str) -> int:
    """Creates large znodes until the server says no; gives what it said."""
    for index in range(20_000):
        path = f"/{name}/{index:05d}"
        reply = wire.create(path, DATA)
        if reply.error:
            return reply.error
        contents.data[path], contents.versions[path] = DATA, 0
    raise AssertionError("the disk did not fill up")


@pytest.mark.slow
def test_full_while_serving(server, disk, report):
    server.start(wrapper=disk.wrapper)
    contents = Contents()
    contents.write(server.port, "before", 100)
    disk.fill(leaving=LEAVING_BYTES)
    with Wire(server.port, seconds=60) as wire:
        wire.connect(timeout=40_000)
        contents.create(wire, "/large", b"")
        error = write_until_refused(wire, contents, "large")
        report(f"full disk: refused with {error} after {len(contents.data)} znodes, {disk.free() >> 20} MiB free")
        assert error not in (-101, -110, -112), f"{error} says something else than that there is no room"
        assert contents.missing(server.port) == [], "reads go on, and nothing acknowledged is lost"
        assert b"Mode:" in four_letter_word(server.port, b"srvr")
        assert wire.ping().error == 0
        wait_until(lambda: re.search(r"no space|full|ENOSPC", server.output, re.IGNORECASE), 10, "the log says why")
        assert str(server.data) in server.output

        disk.remount(LARGER)

        def writes_again():
            reply = wire.create("/room", b"again")
            return reply.error in (0, -110)

        wait_until(writes_again, 30, "with room there are writes again, without a restart", pause=0.5)
        contents.data["/room"], contents.versions["/room"] = b"again", 0
    server.kill()
    server.start(wrapper=disk.wrapper)
    assert contents.missing(server.port) == []


@pytest.mark.slow
def test_killed_while_full(server, disk):
    """Killed while nothing can be written: it starts again without room, and has everything."""
    server.start(wrapper=disk.wrapper)
    contents = Contents()
    contents.write(server.port, "before", 100)
    disk.fill(leaving=LEAVING_BYTES)
    with Wire(server.port, seconds=60) as wire:
        wire.connect(timeout=40_000)
        contents.create(wire, "/large", b"")
        write_until_refused(wire, contents, "large")
    server.kill()
    disk.fill()
    server.launch(wrapper=disk.wrapper)
    try:
        server.wait_until_serving()
        assert contents.missing(server.port) == []
        server.kill()
    except AssertionError:
        assert not server.is_running and re.search(r"no space|full", server.output, re.IGNORECASE), server.output
    disk.remount(LARGER)
    server.start(wrapper=disk.wrapper)
    assert contents.missing(server.port) == []


def test_no_room_from_the_start(server, disk):
    """A first start without room is refused, with the directory and how much room it takes."""
    disk.fill(leaving=1 << 20)
    said = server.refuse(wrapper=disk.wrapper)
    assert str(server.data) in said and re.search(r"no space|room|full", said, re.IGNORECASE), said


def test_a_broken_connection_is_no_answer(server, disk):
    """While the disk is full the server refuses; it does not hang up."""
    server.start(wrapper=disk.wrapper)
    contents = Contents()
    disk.fill(leaving=LEAVING_BYTES)
    with Wire(server.port, seconds=60) as wire:
        wire.connect(timeout=40_000)
        contents.create(wire, "/large", b"")
        try:
            write_until_refused(wire, contents, "large")
            for _ in range(20):
                assert wire.create("/x", DATA).error != 0
                assert wire.get("/large").error == 0
        except Closed:
            raise AssertionError("the connection was closed instead of an answer") from None
