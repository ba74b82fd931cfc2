"""A small disk of the test's own: a tmpfs in a mount namespace that ends with the test, whatever happens to it."""

import os
import pathlib
import subprocess
import time

from .server import ENDS_WITH_THE_TESTS


class SmallDisk:
    """A file system of `byte_count` bytes at `folder`, seen only by processes that are started through `wrapper`."""

    def __init__(self, folder: pathlib.Path, byte_count: int):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        is_root = os.geteuid() == 0
        self.holder = subprocess.Popen(
            ENDS_WITH_THE_TESTS
            + ["unshare", "--mount" if is_root else "-Urm", "--propagation", "private", "sh", "-c"]
            + ['mount -t tmpfs -o size="$1",mode=0700 tmpfs "$2" && echo ready && exec sleep 100000', "sh"]
            + [str(byte_count), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = self.holder.stdout.readline()
        assert said == "ready\n", f"no mount namespace with a tmpfs: {said}run the tests as root (unshare and mount needed)"
        user = [] if is_root else ["-U", "--preserve-credentials"]
        self.wrapper = ["nsenter", "-t", str(self.holder.pid), "-m", *user, "--"]
        #: The folder as this process sees it.
        self.view = pathlib.Path(f"/proc/{self.holder.pid}/root{folder}")

    def free(self) -> int:
        status = os.statvfs(self.view)
        return status.f_bavail * status.f_bsize

    def fill(self, leaving: int = 0) -> pathlib.Path:
        """Takes all room but `leaving` bytes with a file, and gives the file."""
        filler = self.view / f"filler-{time.monotonic_ns()}"
        with open(filler, "wb") as file:
            count = max(self.free() - leaving, 0)
            try:
                os.posix_fallocate(file.fileno(), 0, count) if count else None
            except OSError:
                pass
        return filler

    def remount(self, options: str):
        subprocess.run(self.wrapper + ["mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
