"""One flipped bit, anywhere in a data directory: the server tells the truth or refuses, and never lies.

It may serve, if everything acknowledged is there all the same. It may refuse, naming the file and what to do. It may
say that something acknowledged may be lost, where a torn tail cannot be told from a lost one. A wrong answer, a
missing znode that nobody mentions, or a file that has vanished is a failure.
"""

import pathlib
import random
import re
import shutil

import pytest

from support.contents import Contents
from support.jute import JuteError
from support.server import Aviary, ServerFailure, wait_until
from support.wire import Closed

DAMAGED = 65
SAMPLES_PER_FILE = 12


def last_byte_in_use(data: bytes) -> int:
    return max(len(data.rstrip(b"\0")), 1)


def offsets(data: bytes, generator: random.Random) -> list[int]:
    """The first bytes, the last ones in use, and places between them, of which each stands for a region."""
    end = last_byte_in_use(data)
    chosen = {0, 4, 16, 64, end - 1, max(end - 20, 0), max(end - 4096, 0)}
    chosen |= {generator.randrange(end) for _ in range(SAMPLES_PER_FILE)}
    return sorted(offset for offset in chosen if offset < end)


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
                # A mark is written after a moment of idleness.
                size = lambda: sum(last_byte_in_use(file.read_bytes()) for file in server.data.glob("log/*"))
                before = size()
                wait_until(lambda: size() > before, 10, "a mark follows the last write", pause=0.2)
                server.kill()
            else:
                server.kill()

    @property
    def files(self) -> list[pathlib.Path]:
        data = self.original / "data"
        return [path.relative_to(data) for path in sorted(data.rglob("*")) if path.is_file() and path.name != "lock"]

    def flip(self, folder: pathlib.Path, file: pathlib.Path, offset: int, bit: int) -> str:
        """What came of one flipped bit: served, refused or said; raises on a lie."""
        shutil.copytree(self.original / "data", folder / "data", copy_function=sparse_copy)
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
            assert status == DAMAGED, f"ended with {status}, not {DAMAGED}:\n{said}"
            assert file.name in said, f"{file.name} is not named in:\n{said}"
            assert re.search(r"aviaryctl|rebuild|restore|repair", said), f"no remedy in:\n{said}"
            assert before <= after, f"a refused start removed {before - after}"
            return "refused"
        possible = re.search(r"possibly acknowledged|may have been acknowledged", said, re.IGNORECASE)
        assert possible and file.parts[0] == "log", f"a lie: {problems[:3]} and {len(problems) - 3} more; it said:\n{said}"
        return "said"


def sparse_copy(source: str, target: str):
    """Copies a file without the zeros that it was prepared with."""
    data = pathlib.Path(source).read_bytes()
    end = last_byte_in_use(data)
    with open(target, "wb") as file:
        file.write(data[:end])
        file.truncate(len(data))
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
    assert not lies, f"seed {seed}: {len(lies)} lies\n" + "\n".join(lies[:5])


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
