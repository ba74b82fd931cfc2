"""One flipped bit, anywhere in a data directory: the server tells the truth or refuses, and never lies.

It may serve, if everything acknowledged is there all the same. It may refuse, naming the file and what to do. It may
say that something acknowledged may be lost, where a torn tail cannot be told from a lost one. It may serve what is whole
and answer the rest with an error, saying which file is damaged and what to do: LMDB's own pages carry no checksum, so
that damage to them shows only where they are read, and a row that is missing only where its parent is listed. A wrong
answer or a missing znode that nobody mentions, or a file that has vanished, is a failure.
"""

import pathlib
import random
import re
import shutil
import subprocess
import time

import pytest

from support.contents import Contents
from support.jute import JuteError
from support.server import Aviary, ServerFailure, wait_until
from support.wire import Closed

DAMAGED = 65


BLOCK = 4096


def byte_count_in_use(data: bytes) -> int:
    """Where the zeros begin that a file was prepared with. A log segment's last block repeats its header: not counted."""
    return max(len(data[:-BLOCK].rstrip(b"\0")), min(len(data), BLOCK))


def offsets(data: bytes, generator: random.Random) -> list[int]:
    """The first bytes, the last ones in use, and places between them; more of the end, which a start reads back."""
    end = byte_count_in_use(data)
    last = len(data.rstrip(b"\0")) - 1
    if last < 0:
        return []
    chosen = {0, 16, last, min(end, last), max(min(end - 20, last), 0)}
    if end <= BLOCK:
        return sorted(chosen)
    for first in (BLOCK, BLOCK, end // 2, end - end // 4, end - end // 4, end - end // 8, end - end // 16):
        # Padding is no place for damage: the bits that count lie where there is something.
        offset = generator.randrange(first, end)
        while data[offset] == 0:
            offset = generator.randrange(first, end)
        chosen.add(offset)
    return sorted(chosen)


class Damage:
    """A directory made once and copied for every flipped bit."""

    def __init__(self, folder: pathlib.Path, kind: str):
        self.original = folder / kind
        self.kind = kind
        self.contents = Contents()
        with Aviary(self.original) as server:
            server.start()
            self.contents.write(server.port, "checkpointed", 150, seed=1)
            assert server.stop() == 0
            server.start()
            self.contents.write(server.port, "replayed", 60, seed=2)
            if kind == "clean":
                assert server.stop() == 0
            elif kind == "marked":
                # A mark is written after a moment of idleness; then nothing is written any more.
                quiet_since, seen = time.monotonic(), self.log_bytes(server)
                while time.monotonic() - quiet_since < 1.5:
                    time.sleep(0.1)
                    if (now := self.log_bytes(server)) != seen:
                        quiet_since, seen = time.monotonic(), now
                server.kill()
            else:
                server.kill()
        #: The same without the room that the zeros take, which makes a copy cheap.
        self.master = folder / f"{kind}-master"
        shutil.copytree(self.original / "data", self.master, copy_function=sparse_copy)

    @staticmethod
    def log_bytes(server: Aviary) -> int:
        return sum(byte_count_in_use(file.read_bytes()) for file in server.data.glob("log/*"))

    @property
    def files(self) -> list[pathlib.Path]:
        files = (path for path in sorted(self.master.rglob("*")) if path.is_file())
        return [path.relative_to(self.master) for path in files if path.name not in ("LOCK", "znodes.mdb-lock")]

    def flip(self, folder: pathlib.Path, file: pathlib.Path, offset: int, bit: int) -> str:
        """What came of one flipped bit: served, refused or said; raises on a lie."""
        folder.mkdir()
        subprocess.run(["cp", "--archive", "--sparse=auto", self.master, folder / "data"], check=True)
        with open(folder / "data" / file, "r+b") as opened:
            opened.seek(offset)
            byte = opened.read(1)[0]
            opened.seek(offset)
            opened.write(bytes([byte ^ (1 << bit)]))
        before = {path.relative_to(folder / "data") for path in (folder / "data").rglob("*")}
        with Aviary(folder) as server:
            try:
                server.start()
                problems = self.contents.missing(server.port)
            except ServerFailure:
                assert not server.is_running, f"neither serving nor ended:\n{server.output}"
                problems = ["refused"]
            except (Closed, OSError, JuteError) as broken:
                wait_until(lambda: not server.is_running, 10, f"after {broken} the server ends with a message")
                problems = ["refused"]
            said = server.output
            status = server.process.poll()
        after = {path.relative_to(folder / "data") for path in (folder / "data").rglob("*")}
        shutil.rmtree(folder)
        if not problems:
            return "served"
        if problems == ["refused"]:
            check(status == DAMAGED, f"ended with {status}, not {DAMAGED}:\n{said}")
            check(file.name in said, f"{file.name} is not named in:\n{said}")
            check(re.search(r"aviaryctl|rebuild|restore|repair", said), f"no remedy in:\n{said}")
            check(before <= after, f"a refused start removed {before - after}")
            return "refused"
        if file.parts[0] == "log":
            honest = re.search(r"possibly acknowledged|may have been acknowledged", said, re.IGNORECASE)
        else:
            honest = re.search(r"(znodes\.mdb|the store).*(aviaryctl|rebuild|restore)", said)
        check(honest, f"a lie: {problems[:3]} of {len(problems)}; it said:\n{said}")
        return "said"


def check(truth, otherwise: str):
    if not truth:
        raise AssertionError(otherwise)


def sparse_copy(source: str, target: str):
    """Copies a file without the zeros that it was prepared with."""
    data = pathlib.Path(source).read_bytes()
    end = byte_count_in_use(data)
    with open(target, "wb") as file:
        file.write(data[:end])
        file.seek(max(len(data) - BLOCK, end))
        file.write(data[max(len(data) - BLOCK, end) :])
    shutil.copymode(source, target)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["clean", "marked", "killed"])
def test_a_flipped_bit_makes_no_lie(kind, tmp_path, request, report):
    seed = request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)
    generator = random.Random(seed)
    damage = Damage(tmp_path, kind)
    outcomes: dict[str, dict[str, int]] = {}
    lies = []
    for file in damage.files:
        counts = outcomes.setdefault(file.parts[0], {})
        for offset in offsets((damage.original / "data" / file).read_bytes(), generator):
            bit = generator.randrange(8)
            try:
                outcome = damage.flip(tmp_path / "copy", file, offset, bit)
            except AssertionError as lie:
                lies.append(f"bit {bit} of byte {offset} of {file}: {lie}")
                shutil.rmtree(tmp_path / "copy", ignore_errors=True)
                outcome = "LIE"
            counts[outcome] = counts.get(outcome, 0) + 1
    report(f"flipped bits, {kind}: {outcomes} (seed {seed})")
    assert not lies, f"seed {seed}: {len(lies)} lies\n" + "\n".join(lie[:600] for lie in distinct(lies))


def distinct(lies: list[str]) -> list[str]:
    """One of each kind: numbers and paths do not make another kind."""
    kinds = {}
    for lie in lies:
        kinds.setdefault(re.sub(r"/\S+|\d+", "", lie)[:160], lie)
    return list(kinds.values())


@pytest.mark.slow
def test_damage_to_the_store_is_repaired_from_log_and_snapshot_or_said(tmp_path):
    """A store that is gone altogether: rebuilt if the rest proves everything, refused with the way out if not."""
    damage = Damage(tmp_path, "clean")
    folder = tmp_path / "copy"
    shutil.copytree(damage.original / "data", folder / "data")
    shutil.rmtree(folder / "data" / "store")
    with Aviary(folder) as server:
        try:
            server.start()
            assert damage.contents.missing(server.port) == []
        except ServerFailure:
            assert server.process.poll() == DAMAGED and "store" in server.output
            assert re.search(r"aviaryctl|rebuild|restore", server.output), server.output
