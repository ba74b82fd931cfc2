"""A data directory that cannot be used is refused with its name, the reason and the remedy, and is left as it was."""

import os
import pathlib
import re
import shutil
import signal
import stat
import struct
import subprocess
import tempfile

import pytest

from support.contents import Contents
from support.disk import SmallDisk
from support.server import Aviary, four_letter_word

NOBODY = 65534
#: Exit statuses, after sysexits.h, as the article Operations lists them.
DAMAGED_OR_NEWER, CANNOT_CREATE = 65, 73


@pytest.fixture
def server(tmp_path):
    with Aviary(tmp_path) as own:
        yield own


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    """Every file below a folder but the locks, by its name, with its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in ("LOCK", "znodes.mdb-lock"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_in_use(server, tmp_path):
    """A second process is refused, the first one goes on."""
    server.start()
    contents = Contents()
    contents.write(server.port, "before", 20)
    with Aviary(tmp_path / "second") as second:
        second.data = server.data
        said = second.refuse(status=CANNOT_CREATE)
        assert str(server.data) in said and "in use" in said
        assert "stop" in said or "another" in said, f"no remedy in: {said}"
    contents.write(server.port, "after", 20)
    assert contents.missing(server.port) == []


def test_free_again_after_a_kill(server):
    """The lock of a process that was killed is no obstacle."""
    server.start()
    server.kill()
    server.start()


def crc32c(data: bytes) -> int:
    """The checksum of everything on disk, bit by bit."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def newer_identity(data: pathlib.Path):
    """identity is text; its first line has the version, its last the checksum of the lines before it."""
    lines = (data / "identity").read_text().splitlines(keepends=True)
    assert lines[0] == "aviary-directory 1\n"
    lines[0] = "aviary-directory 3\n"
    lines[-1] = f"crc32c {crc32c(''.join(lines[:-1]).encode()):08x}\n"
    (data / "identity").write_text("".join(lines))
    return "identity"


def newer_log(data: pathlib.Path):
    """A segment's header: magic, u32 checksum of what follows up to byte 128, u32 version."""
    segment = sorted(path for path in (data / "log").iterdir() if path.is_file() and path.stat().st_size)[-1]
    with open(segment, "r+b") as file:
        header = bytearray(file.read(128))
        assert struct.unpack_from("<I", header, 8) == (crc32c(bytes(header[12:])),), "the segment header's layout"
        struct.pack_into("<I", header, 12, struct.unpack_from("<I", header, 12)[0] + 1)
        struct.pack_into("<I", header, 8, crc32c(bytes(header[12:])))
        file.seek(0)
        file.write(header)
    return segment.name


@pytest.mark.parametrize("raise_version", [newer_identity, newer_log])
def test_newer_version(server, raise_version):
    """A directory of a later version is refused and not touched."""
    server.start()
    assert server.stop() == 0
    named = raise_version(server.data)
    before = tree(server.data)
    said = server.refuse(status=DAMAGED_OR_NEWER)
    assert named in said and "version" in said and "newer" in said, said
    assert tree(server.data) == before


def test_foreign_files_are_not_touched(server):
    """A folder that holds something else is refused, or left in peace."""
    server.data.mkdir()
    (server.data / "letters.txt").write_text("keep me")
    server.launch()
    try:
        server.wait_until_serving()
        server.stop()
    except AssertionError:
        assert str(server.data) in server.output
    assert (server.data / "letters.txt").read_text() == "keep me"


def test_a_file_in_the_place_of_the_directory(server):
    server.data.write_text("no directory")
    said = server.refuse(status=CANNOT_CREATE)
    assert str(server.data) in said and "director" in said
    assert server.data.read_text() == "no directory"


def test_read_only_file_system(server, tmp_path):
    with SmallDisk(tmp_path / "disk", 1 << 20) as disk:
        disk.remount("ro")
        server.data = disk.folder / "data"
        said = server.refuse(wrapper=disk.wrapper, status=CANNOT_CREATE)
        assert str(disk.folder) in said and re.search(r"[Rr]ead-only", said), said


def test_not_writable_by_this_user():
    """Run as another user, on a directory that belongs to somebody else."""
    assert os.geteuid() == 0, "this test starts aviaryd as another user: run the tests as root"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        program = folder / "aviaryd"
        shutil.copy(Aviary.find(), program)
        owned = folder / "owned"
        owned.mkdir(mode=0o755)
        (folder / "own").mkdir()
        os.chown(folder / "own", NOBODY, NOBODY)
        with Aviary(folder / "own") as server:
            server.data = owned / "data"
            server.find = lambda: program
            as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            said = server.refuse(wrapper=as_nobody, status=CANNOT_CREATE)
            assert str(owned) in said and re.search(r"[Pp]ermission|not (be )?writ", said), said


def test_everything_is_private(server):
    """Folders 0700, files 0600, whatever the umask says."""
    server.start(wrapper=["sh", "-c", 'umask 000 && exec "$@"', "sh"])
    Contents().write(server.port, "private", 50)
    server.stop()
    for path in [server.data, *server.data.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} has mode {mode:o}"


def test_port_in_use(server, tmp_path):
    server.start()
    with Aviary(tmp_path / "second", port=server.port) as second:
        said = second.refuse()
        assert str(server.port) in said and "in use" in said
    assert b"Mode:" in four_letter_word(server.port, b"srvr")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_stops_cleanly_on_a_signal(server, number):
    """Stopped with a signal it leaves a clean mark: the next start replays nothing."""
    server.start()
    contents = Contents()
    contents.write(server.port, "a", 100)
    server.process.send_signal(number)
    assert server.process.wait(30) == 0
    server.start()
    assert contents.missing(server.port) == []


def test_the_first_lines_say_what_one_wants_to_know(server):
    """Directory, write mode, measured sync time, znodes, replay time and port, before the first client comes."""
    server.start()
    for wanted in (str(server.data), str(server.port), "sync", "znodes", "replay"):
        assert wanted in server.output, f"{wanted!r} is not in:\n{server.output}"
    assert re.search(r"O_DIRECT|O_DSYNC|fdatasync", server.output), server.output


def test_unsafe_mode_says_so(server):
    server.start(extra=["--unsafe-no-sync"])
    assert re.search("unsafe", server.output, re.IGNORECASE)
    assert b"unsafe" in four_letter_word(server.port, b"mntr").lower()


def test_help_and_wrong_options(server):
    program = str(Aviary.find())
    helped = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=30)
    assert helped.returncode == 0 and "--data-dir" in helped.stdout and "--client-port" in helped.stdout
    wrong = subprocess.run([program, "--no-such-option"], capture_output=True, text=True, timeout=30)
    assert wrong.returncode == 64 and "--no-such-option" in wrong.stderr
    text = subprocess.run(
        [program, "--data-dir", str(server.data), "--client-port", "99999"], capture_output=True, text=True, timeout=30
    )
    assert text.returncode in (64, 78) and "99999" in text.stdout + text.stderr
    assert not server.data.exists()
