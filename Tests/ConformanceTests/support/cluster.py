"""A cluster of aviaryd on 127.0.0.1: each replica a process, killed, stopped, continued and restarted by its id."""

import pathlib
import random
import signal
import socket

from .server import Aviary, four_letter_word, wait_until

#: Below the range that the system takes ports of outgoing connections from: a client that looks for a dead replica
#: must not take its port, or even connect to itself.
PORTS = range(15_000, 32_000)

SERVING_MODES = ("leader", "follower", "observer")


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on, none twice."""
    found: list[int] = []
    for port in random.SystemRandom().sample(PORTS, 40 + 10 * count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


class Replica(Aviary):
    """One aviaryd of several. It serves when it knows of a leader."""

    def __init__(self, folder: pathlib.Path, cluster: "Cluster", number: int, port: int, peer_port: int, observes: bool):
        super().__init__(folder, port)
        self.name = f"replica {number}"
        self.output_path = self.folder / "aviaryd.out"
        self.cluster, self.number, self.peer_port, self.observes = cluster, number, peer_port, observes
        self.is_stopped = False
        #: Further options of the command line.
        self.options: list[str] = []

    @property
    def server_line(self) -> str:
        kind = ":observer" if self.observes else ""
        return f"server.{self.number}=127.0.0.1:{self.peer_port}:{self.peer_port}{kind}"

    def command(self) -> list[str]:
        self.data.mkdir(mode=0o700, exist_ok=True)
        (self.data / "myid").write_text(f"{self.number}\n")
        lines = [f"{key}={value}" for key, value in self.settings.items()]
        lines += [f"dataDir={self.data}", f"clientPort={self.port}", "clientPortAddress=127.0.0.1"]
        lines += [replica.server_line for replica in self.cluster]
        configuration = self.folder / "zoo.cfg"
        configuration.write_text("\n".join(lines) + "\n")
        return [str(self.find()), "--config", str(configuration), *self.options]

    def word(self, word: bytes, seconds: float = 5.0) -> str:
        return four_letter_word(self.port, word, seconds).decode()

    @property
    def mode(self) -> str | None:
        """What `srvr` says it is; None if it does not answer."""
        if self.is_stopped or not self.is_running:
            return None
        try:
            answer = self.word(b"srvr", seconds=1)
        except OSError:
            return None
        found = [line for line in answer.splitlines() if line.startswith("Mode: ")]
        return found[0].removeprefix("Mode: ") if found else None

    def wait_until_serving(self, seconds: float = 20.0):
        def serves():
            assert self.is_running, f"{self.name} ended with {self.process.returncode}:\n{self.output[-4000:]}"
            return self.mode in SERVING_MODES

        try:
            wait_until(serves, seconds, f"{self.name} serves on port {self.port}", pause=0.01)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; it says {self.mode}\n{self.cluster.outputs()}") from None

    def pause(self):
        """SIGSTOP: it stands still when this returns, and its connections stay."""
        self.process.send_signal(signal.SIGSTOP)
        self.is_stopped = True
        # Its threads stop one by one: until the last has, it may still read a request and ask the others.
        wait_until(self.stands_still, 5, f"{self.name} stands still", pause=0.001)

    def stands_still(self) -> bool:
        """Whether every thread of it is stopped."""
        threads = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        try:
            return all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "T" for thread in threads)
        except OSError:
            return False  # One ended meanwhile.

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def kill(self):
        self.is_stopped = False
        super().kill()


class Cluster:
    """Replicas 1 to N, voters first and then observers. Ends all of them when left."""

    def __init__(self, folder: pathlib.Path, voters: int, observers: int = 0, settings: dict[str, object] = {}):
        self.folder = pathlib.Path(folder)
        ports = free_ports(2 * (voters + observers))
        self.replicas = [
            Replica(self.folder / f"replica-{number}", self, number, ports.pop(), ports.pop(), number > voters)
            for number in range(1, voters + observers + 1)
        ]
        for replica in self.replicas:
            replica.settings |= settings

    def __getitem__(self, number: int) -> Replica:
        return self.replicas[number - 1]

    def __iter__(self):
        return iter(self.replicas)

    def __len__(self):
        return len(self.replicas)

    @property
    def running(self) -> list[Replica]:
        return [replica for replica in self.replicas if replica.is_running and not replica.is_stopped]

    def hosts(self, *replicas: Replica) -> str:
        return ",".join(replica.hosts for replica in replicas or self.replicas)

    def start(self, *replicas: Replica):
        """Starts those named, or all, and waits until they serve."""
        chosen = replicas or tuple(self.replicas)
        for replica in chosen:
            replica.launch()
        for replica in chosen:
            replica.wait_until_serving()
        return self

    def leader(self, seconds: float = 15.0) -> Replica:
        """The one replica of those that run which says that it leads, and that the others follow."""

        def found():
            modes = [replica.mode for replica in self.running]
            if all(mode in SERVING_MODES for mode in modes) and modes.count("leader") == 1:
                return self.running[modes.index("leader")]
            return None

        try:
            return wait_until(found, seconds, "one replica leads and the others follow", pause=0.01)
        except AssertionError as failure:
            raise AssertionError(f"{failure}: {self.modes()}\n{self.outputs()}") from None

    def followers(self) -> list[Replica]:
        leader = self.leader()
        return [replica for replica in self.running if replica is not leader and not replica.observes]

    def modes(self) -> dict[int, str | None]:
        return {replica.number: replica.mode for replica in self.replicas}

    def outputs(self, size: int = 2500) -> str:
        """The end of what each replica printed."""
        return "\n".join(f"--- {replica.name}\n{replica.output[-size:]}" for replica in self.replicas)

    def check_no_crash(self):
        """No replica ended that nobody ended, and none said that an invariant was broken."""
        for replica in self.replicas:
            assert "invariant broken" not in replica.output and "Fatal error" not in replica.output, (
                f"{replica.name} crashed:\n{replica.output[-6000:]}"
            )

    def zxids(self) -> dict[int, int]:
        """How far each running replica has applied."""
        found = {}
        for replica in self.running:
            lines = [line for line in replica.word(b"srvr").splitlines() if line.startswith("Zxid: ")]
            found[replica.number] = int(lines[0].split()[1], 16)
        return found

    def wait_until_equal(self, seconds: float = 20.0):
        """Until all that run have applied the same."""
        wait_until(lambda: len(set(self.zxids().values())) == 1, seconds, "all replicas have applied the same")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for replica in self.replicas:
            if replica.is_running:
                replica.resume() if replica.is_stopped else None
                replica.kill()


