"""Servers as processes of their own: aviaryd, and Apache ZooKeeper as the oracle it is compared with.

Both listen on a free port of 127.0.0.1, keep their data in a folder of the test, and end by their process id.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
ZOOKEEPER_JAR = pathlib.Path("/usr/share/java/zookeeper.jar")
LOG_JAR = pathlib.Path("/usr/share/java/slf4j-nop.jar")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
#: Before a command: it is killed when the tests are, however they end.
ENDS_WITH_THE_TESTS = ["setpriv", "--pdeathsig", "KILL", "--"]


class ServerFailure(AssertionError):
    """A server that did not start, or did not stop, with what it printed."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float, what: str, pause: float = 0.02):
    """Polls until `condition` gives something true, and gives that; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(pause)


def four_letter_word(port: int, word: bytes, seconds: float = 5.0) -> bytes:
    """What the server answers to `word`, up to its close of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(word)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


class Server:
    """A server process. `start` returns when clients are served."""

    name = "server"
    #: Exit statuses of a graceful stop.
    good_exits = (0,)

    def __init__(self, folder: pathlib.Path, port: int | None = None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.output_path = self.folder / f"{self.name}.out"
        self.process: subprocess.Popen | None = None

    @property
    def hosts(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """All that the process printed, of all its lives."""
        return self.output_path.read_text(errors="replace") if self.output_path.exists() else ""

    def command(self) -> list[str]:
        raise NotImplementedError

    def launch(self, extra: list[str] = [], wrapper: list[str] = [], environment: dict[str, str] = {}):
        """Starts the process and does not wait for it."""
        assert self.process is None or self.process.poll() is not None, f"{self.name} is still running"
        with open(self.output_path, "ab") as output:
            self.process = subprocess.Popen(
                ENDS_WITH_THE_TESTS + wrapper + self.command() + extra,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=os.environ | environment,
            )
        return self

    def start(self, extra: list[str] = [], wrapper: list[str] = [], environment: dict[str, str] = {}):
        self.launch(extra, wrapper, environment)
        self.wait_until_serving()
        return self

    def wait_until_serving(self, seconds: float = START_SECONDS):
        def ready():
            if self.process.poll() is not None:
                raise ServerFailure(f"{self.name} ended with {self.process.returncode}:\n{self.output[-4000:]}")
            try:
                return b"Mode:" in four_letter_word(self.port, b"srvr")
            except OSError:
                return False

        try:
            wait_until(ready, seconds, f"{self.name} serves on port {self.port}", pause=0.01)
        except AssertionError as failure:
            raise ServerFailure(f"{failure}\n{self.output[-4000:]}") from None

    def refuse(self, extra: list[str] = [], wrapper: list[str] = [], status: int | None = None) -> str:
        """Starts it in the expectation that it ends by itself with an error; gives what it printed in this life."""
        before = len(self.output)
        self.launch(extra, wrapper)
        try:
            ended = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} was to refuse to start:\n{self.output[before:]}") from None
        text = self.output[before:]
        assert ended > 0, f"{self.name} ended with {ended}, not with an error of its own:\n{text}"
        assert status is None or ended == status, f"{self.name} ended with {ended}, not {status}:\n{text}"
        return text

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int:
        """Ends it with SIGTERM and gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailure(f"{self.name} did not stop on SIGTERM:\n{self.output[-4000:]}") from None

    def kill(self):
        """Ends it as a power cut would, as far as a process can tell: SIGKILL."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_running:
            self.kill()


class Aviary(Server):
    """aviaryd, with its data in `folder/data`."""

    name = "aviaryd"
    executable: pathlib.Path | None = None

    def __init__(self, folder: pathlib.Path, port: int | None = None):
        super().__init__(folder, port)
        self.data = self.folder / "data"
        #: Lines of a zoo.cfg; none: no such file, and every default.
        self.settings = {"tickTime": 2000, "maxClientCnxns": 0, "4lw.commands.whitelist": "*"}

    @classmethod
    def find(cls) -> pathlib.Path:
        """The program under test: the one that was named, or the one that was built."""
        named = cls.executable or os.environ.get("AVIARYD")
        places = [named] if named else [CHECKOUT / ".build" / kind / "aviaryd" for kind in ("release", "debug")]
        for place in places:
            if pathlib.Path(place).exists():
                return pathlib.Path(place).resolve()
        raise ServerFailure(f"no aviaryd at {', '.join(map(str, places))}; build it with Tools/test or swift build")

    def command(self) -> list[str]:
        options = ["--data-dir", str(self.data), "--client-address", "127.0.0.1", "--client-port", str(self.port)]
        if self.settings:
            configuration = self.folder / "aviary.cfg"
            configuration.write_text("".join(f"{key}={value}\n" for key, value in self.settings.items()))
            options += ["--config", str(configuration)]
        return [str(self.find()), *options]


class ZooKeeper(Server):
    """Debian's Apache ZooKeeper, standalone, with the settings that the comparison needs."""

    name = "zookeeper"
    good_exits = (143,)
    superuser_digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="

    def __init__(self, folder: pathlib.Path, port: int | None = None):
        super().__init__(folder, port)
        self.data = self.folder / "data"

    def command(self) -> list[str]:
        java = shutil.which("java")
        assert java, "java is missing: install default-jre-headless (Tools/test does)"
        assert ZOOKEEPER_JAR.exists(), f"{ZOOKEEPER_JAR} is missing: install Debian's zookeeper (Tools/test does)"
        configuration = self.folder / "zoo.cfg"
        configuration.write_text(
            f"tickTime=2000\ndataDir={self.data}\nclientPort={self.port}\nclientPortAddress=127.0.0.1\n"
            "admin.enableServer=false\n4lw.commands.whitelist=*\nextendedTypesEnabled=true\nmaxClientCnxns=0\n"
            f"DigestAuthenticationProvider.superDigest={self.superuser_digest}\n"
        )
        return [
            *(java, "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
            *("-cp", f"{ZOOKEEPER_JAR}:{LOG_JAR}"),
            *("org.apache.zookeeper.server.quorum.QuorumPeerMain", str(configuration)),
        ]
