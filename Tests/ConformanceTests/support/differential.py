"""One scenario, played to two servers, written down so that the two can be compared line by line.

What no two runs have in common is written in a form that they do: a zxid as its distance from the scenario's first
one, a session as the ordinal of its appearance, a time as whether it is recent. All else stands as it came.
"""

import dataclasses
import re
import time
import zlib

from .jute import JuteError
from .server import Server
from .wire import Closed, Event, Op, Reply, Session, Stat, Wire

RECENT_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Difference:
    """A line in which aviaryd answers otherwise than ZooKeeper 3.8, on purpose, and why.

    Both are regular expressions for whole lines. `ours=None`: the line may say anything, for the reason given.
    """

    scenario: str
    theirs: str
    ours: str | None
    reason: str

    def covers(self, theirs: str, ours: str) -> bool:
        if not re.fullmatch(self.theirs, theirs):
            return False
        return self.ours is None or re.fullmatch(self.ours, ours) is not None


def brief(value) -> str:
    """A value as Python writes it, a long one by its length, its hash and its end."""
    if isinstance(value, bytes | str) and len(value) > 60:
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        return f"<{len(value)}: {zlib.crc32(data):08x} {value[-20:]!r}>"
    return repr(value)


class Stage:
    """Where a scenario plays: one server, its probes, and the transcript."""

    def __init__(self, server: Server, name: str):
        self.server = server
        self.lines: list[str] = []
        self.probes: list[Probe] = []
        self.sessions: list[int] = []
        self.base_zxid = 0
        self.path = f"/{name}"
        with Wire(server.port) as wire:
            session = wire.connect()
            reply = wire.create(self.path, op=Op.CREATE_2)
            assert reply.error == 0, f"{self.path} is there before the scenario: {reply}"
            self.base_zxid = reply.body[1].czxid + 1
            assert wire.close_session().error == 0, session

    def probe(self, connect: bool = True, **options) -> "Probe":
        """A further connection, with a session unless `connect` is false. Only the latter is written down."""
        probe = Probe(self, "ABCDEFGH"[len(self.probes)])
        self.probes.append(probe)
        if connect:
            probe.wire.connect(**options)
            self.session(probe.wire.session.session_id)
        return probe

    def note(self, line: str):
        self.lines.append(line)

    def end(self):
        """Closes every session that is still open, so that none expires in the middle of a later scenario."""
        for probe in self.probes:
            session = probe.wire.session
            probe.wire.close()
            if session is None or session.session_id == 0:
                continue
            with Wire(self.server.port) as wire:
                if wire.attach(session).session_id != 0:
                    wire.close_session()

    # Forms

    def zxid(self, value: int) -> str:
        return str(value) if value in (0, -1) else f"z{value - self.base_zxid:+d}"

    def session(self, value: int) -> str:
        if value == 0:
            return "0"
        if value not in self.sessions:
            self.sessions.append(value)
        return f"S{self.sessions.index(value) + 1}"

    @staticmethod
    def time(value: int) -> str:
        return "now" if abs(time.time() - value / 1000) < RECENT_SECONDS else str(value)

    def stat(self, stat: Stat) -> str:
        return (
            f"Stat(c={self.zxid(stat.czxid)} m={self.zxid(stat.mzxid)} p={self.zxid(stat.pzxid)}"
            f" t={self.time(stat.ctime)},{self.time(stat.mtime)}"
            f" v={stat.version},{stat.cversion},{stat.aversion}"
            f" owner={self.session(stat.ephemeral_owner)} length={stat.data_length} children={stat.child_count})"
        )

    def form(self, value) -> str:
        match value:
            case Stat():
                return self.stat(value)
            case Event():
                return f"event {value.type} state {value.state} {value.path} zxid {self.zxid(value.zxid)}"
            case Reply():
                text = f"xid {value.xid} zxid {self.zxid(value.zxid)} error {value.error}"
                text += "" if value.body is None else f" {self.form(value.body)}"
                return text + (f" REST {value.rest.hex()}" if value.rest else "")
            case Session():
                secret = "zero" if value.password == bytes(16) else f"{len(value.password)} bytes"
                return (
                    f"session {self.session(value.session_id)} timeout {value.timeout} password {secret}"
                    f" version {value.protocol_version} read-only {value.read_only} in {value.byte_count} bytes"
                )
            case list() | tuple():
                return "[" + ", ".join(self.form(part) for part in value) + "]"
            case _:
                return brief(value)


class Probe:
    """A connection whose every exchange is written down.

    A method of `Wire` called here is played and noted: its arguments, the events that came before the reply, the
    reply, or that the connection was closed.
    """

    def __init__(self, stage: Stage, name: str):
        self.stage = stage
        self.name = name
        self.wire = Wire(stage.server.port)

    def __getattr__(self, method: str):
        def play(*arguments, **options):
            shown = [self.show(value) for value in arguments]
            shown += [f"{key}={self.show_option(key, value)}" for key, value in options.items()]
            return self.record(f"{method}({', '.join(shown)})", getattr(self.wire, method), *arguments, **options)

        return play

    def show(self, value) -> str:
        if isinstance(value, Session):
            return self.stage.session(value.session_id)
        if isinstance(value, tuple):
            return "(" + ", ".join(self.show(part) for part in value) + ")"
        return brief(value)

    def show_option(self, key: str, value) -> str:
        match key:
            case "session_id":
                return self.stage.session(value)
            case "seen":
                return self.stage.zxid(value)
        return self.show(value)

    def record(self, what: str, action, *arguments, **options):
        """Runs one exchange, notes the events before its answer and the answer, and gives the answer or nil."""
        events: list[Event] = []
        receive = self.wire.receive

        def receive_reply():
            while isinstance(message := receive(), Event):
                events.append(message)
            return message

        self.wire.receive = receive_reply
        try:
            answer = action(*arguments, **options)
            text = self.stage.form(answer)
        except (Closed, BrokenPipeError, ConnectionResetError):
            answer, text = None, "closed"
        except TimeoutError:
            answer, text = None, "silence"
        except JuteError as error:
            answer, text = None, f"not to be decoded: {error}"
        finally:
            del self.wire.receive
        for event in events:
            self.stage.note(f"{self.name} <- {self.stage.form(event)}")
        self.stage.note(f"{self.name} {what} -> {text}")
        return answer

    def expect_close(self):
        """Notes whether the server closes the connection now, with nothing more to say."""
        self.stage.note(f"{self.name} {'is closed' if self.wire.is_closed(5.0) else 'stays open'}")

    def drain(self):
        """Fetches the events that other connections' requests have caused: a ping's reply comes after them."""
        self.ping()


def play(scenario, server: Server) -> list[str]:
    """The transcript of a scenario on a server."""
    stage = Stage(server, scenario.__name__)
    try:
        scenario(stage)
    finally:
        stage.end()
    return stage.lines


def without_event_zxid(line: str) -> str:
    """ZooKeeper 3.8 says -1 in every event, 3.9 the zxid of the transaction; `test_events.py` looks at ours."""
    return re.sub(r"(<- event .*) zxid \S+$", r"\1", line)


def compare(name: str, theirs: list[str], ours: list[str], differences: list[Difference]) -> list[str]:
    """What is wrong: lines that differ with no reason written down, and reasons that no line needs."""
    known = [difference for difference in differences if difference.scenario == name]
    used = set()
    problems = []
    for index in range(max(len(theirs), len(ours))):
        their_line = without_event_zxid(theirs[index]) if index < len(theirs) else "(nothing)"
        our_line = without_event_zxid(ours[index]) if index < len(ours) else "(nothing)"
        if their_line == our_line:
            continue
        reason = next((known_one for known_one in known if known_one.covers(their_line, our_line)), None)
        if reason:
            used.add(reason)
        else:
            problems.append(f"line {index + 1}:\n  zookeeper: {their_line}\n  aviaryd:   {our_line}")
    for stale in set(known) - used:
        problems.append(f"no line differs as written down: {stale}")
    return problems
