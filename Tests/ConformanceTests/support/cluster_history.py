"""The judge of what the clients of a cluster wrote down (`cluster_load`).

Every write that was acknowledged has a zxid. The order of the zxids is the order that is checked: it must agree with
real time, and replayed in this order every znode must give exactly the answers that were given.

- A *write* has the place of its zxid. Nothing that ended before it began has a higher place.
- A *synced read*, and a write that was refused, must have a place between everything that ended before it began and
  everything that began after it ended: these two together are linearizability, with the zxids as witness.
- A *read* must have a place that is not before those of its own session, and not after writes that began after it ended.

A write of which its client learned nothing has the place that a reader saw it at. If nobody saw it, it is a *ghost*: it
may have happened or not, and what only it can explain is allowed, once for each such write, and counted.
"""

import bisect
import collections
import dataclasses
import json
import math
import pathlib

WRITES = ("create", "turn", "set", "delete", "multi")
PROBLEMS_SHOWN = 12


@dataclasses.dataclass(frozen=True)
class State:
    """A znode that exists."""

    czxid: int
    mzxid: int
    version: int
    data: str


@dataclasses.dataclass
class Ghosts:
    """Writes to one znode that nobody saw, and that may have happened."""

    sets: int = 0
    creates: int = 0
    deletes: int = 0

    def __bool__(self):
        return self.sets + self.creates + self.deletes > 0


@dataclasses.dataclass
class Timeline:
    """The states of one znode, each from its zxid to the next one's."""

    zxids: list[int]
    states: list[State | None]
    ghosts: Ghosts

    def place(self, lowest: int, below: float, fits) -> int | None:
        """The first place from `lowest` on at which a state fits; None if there is none before `below`."""
        index = bisect.bisect_right(self.zxids, lowest) - 1
        while index < len(self.zxids):
            place = max(lowest, self.zxids[index])
            if place >= below:
                return None
            if fits(self.states[index]):
                return place
            index += 1
        return None


class History:
    """All records of all clients, and what is wrong with them."""

    def __init__(self, paths: list[pathlib.Path], registers: list[str]):
        self.operations: list[dict] = []
        self.states: list[dict] = []
        self.failures: list[dict] = []
        self.sessions: dict[str, int] = {}
        self.registers = registers
        self.problems: list[str] = []
        self.lenient = 0
        self.ghost_count = 0
        for path in paths:
            for line in path.read_text().splitlines():
                self.take(json.loads(line))

    def take(self, record: dict):
        if "k" in record:
            self.operations.append(record)
        elif "state" in record:
            self.states.append(record)
        elif "sessions" in record:
            self.sessions |= record["sessions"]
        else:
            self.failures.append(record)

    def wrong(self, text: str, *records: dict):
        self.problems.append(" ".join([text, *map(str, records)]))

    # The whole

    def check(self) -> list[str]:
        self.operations.sort(key=lambda record: record["r"])
        self.locate()
        self.check_zxids()
        self.check_turns()
        self.replay()
        self.check_order()
        self.check_sessions()
        return self.problems

    # Places of writes

    def locate(self):
        """Gives every write its zxid as `z`, where it is known."""
        seen = self.observations()
        contact: dict[str, float] = {}
        for record in reversed(self.operations):
            record["z"] = None
            if record["o"] == "unknown":
                record["until"] = contact.get(record["c"], math.inf)
                if record["k"] in WRITES and record.get("data") in seen:
                    record["z"], record["seen as"] = seen[record["data"]]
            else:
                contact[record["c"]] = record["r"]
                if record["k"] in WRITES and record["o"] == "done":
                    record["z"] = self.own_zxid(record)
        self.ghost_count = sum(
            record["k"] in WRITES and record["o"] == "unknown" and record["z"] is None for record in self.operations
        )

    def observations(self) -> dict[str, tuple[int, str]]:
        """By data, which no two writes share: the zxid that wrote it, and where it was seen."""
        seen: dict[str, tuple[int, str]] = {}
        for record in self.operations:
            if record["k"] in ("read", "synced read") and record["o"] == "done":
                result = record["result"]
                known = seen.setdefault(result["data"], (result["mzxid"], record["keys"][0]))
                if known[0] != result["mzxid"]:
                    self.wrong(f"the same write was seen at zxid {known[0]:#x} and again as another one", record)
        return seen

    def own_zxid(self, record: dict) -> int:
        result, kind = record.get("result", {}), record["k"]
        if kind == "delete":
            return record["x"]
        if kind == "multi":
            zxids, versions = set(result["mzxids"]), set(result["versions"])
            if len(zxids) != 1 or versions != {record["version"] + 1}:
                self.wrong("a multi is torn", record)
            zxid = min(zxids)
        else:
            zxid = result["mzxid"]
        if zxid != record["x"]:
            self.wrong(f"the reply's header says zxid {record['x']:#x}, the znode {zxid:#x}", record)
        return zxid

    def key(self, record: dict) -> list[str]:
        """The znodes that a record is about."""
        if record["k"] != "turn":
            return record["keys"]
        return [record["result"]["path"]] if record["o"] == "done" else [record.get("seen as", "")]

    def check_zxids(self):
        used: dict[int, dict] = {}
        for record in self.operations:
            if record["z"] is not None:
                if record["z"] in used:
                    self.wrong(f"zxid {record['z']:#x} was given to two writes", used[record["z"]], record)
                used[record["z"]] = record

    def check_turns(self):
        """Sequence numbers are never used twice and rise with the zxids."""
        turns = [
            (record["z"], int(self.key(record)[0].rsplit("-", 1)[1]), record)
            for record in self.operations
            if record["k"] == "turn" and record["z"] is not None
        ]
        turns.sort(key=lambda turn: turn[:2])
        for (_, number, record), (_, following, after) in zip(turns, turns[1:]):
            if following <= number:
                self.wrong("a sequence number came again, or fell", record, after)

    # Replay

    def replay(self):
        """Builds the timeline of every znode from the writes in zxid order."""
        events = collections.defaultdict(list)
        self.ghosts = collections.defaultdict(Ghosts)
        for record in self.operations:
            if record["k"] not in WRITES or record["o"] not in ("done", "unknown"):
                continue
            for part, key in zip(self.parts(record), self.key(record)):
                if record["z"] is not None:
                    events[key].append((record["z"], part, record))
                elif part == "set":
                    self.ghosts[key].sets += 1
                elif part == "create":
                    self.ghosts[key].creates += 1
                else:
                    self.ghosts[key].deletes += 1
        self.timelines: dict[str, Timeline] = {}
        for key in {*events, *self.registers, *self.ghosts, *(key for record in self.operations for key in self.key(record))}:
            self.timelines[key] = self.replay_key(key, sorted(events[key], key=lambda event: event[0]))

    def parts(self, record: dict) -> tuple[str, ...]:
        return {"multi": ("set", "set", "create"), "turn": ("create",)}.get(record["k"], (record["k"],))

    def replay_key(self, key: str, events: list) -> Timeline:
        ghosts = self.ghosts.get(key, Ghosts())
        state = State(0, 0, 0, key) if key in self.registers else None
        timeline = Timeline([0], [state], dataclasses.replace(ghosts))
        for zxid, part, record in events:
            state = getattr(self, f"replay_{part}")(state, zxid, record, key, ghosts)
            timeline.zxids.append(zxid)
            timeline.states.append(state)
        return timeline

    def replay_create(self, state, zxid, record, key, ghosts):
        if state is not None and not self.use(ghosts, "deletes"):
            self.wrong(f"{key} was created, and existed as {state}", record)
        return State(zxid, zxid, 0, record["data"])

    def replay_set(self, state, zxid, record, key, ghosts):
        result = record.get("result", {})
        version = result.get("version", result.get("versions", [None])[0])
        if state is None:
            self.wrong(f"{key} was set, and did not exist", record)
            return State(zxid, zxid, version or 0, record["data"])
        if version is None:
            version = record["version"] + 1 if record["version"] >= 0 else state.version + 1
        while state.version + 1 < version and self.use(ghosts, "sets"):
            state = dataclasses.replace(state, version=state.version + 1)
        if version != state.version + 1:
            self.wrong(f"{key} had version {state.version} before it, and {version} with it", record)
        if record["version"] not in (-1, version - 1):
            self.wrong(f"{key} was set for another version than the expected one", record)
        return State(state.czxid, zxid, version, record["data"])

    def replay_delete(self, state, zxid, record, key, ghosts):
        if state is None and not self.use(ghosts, "creates"):
            self.wrong(f"{key} was deleted, and did not exist", record)
        if state is not None and record["version"] not in (-1, state.version) and not self.use(ghosts, "sets"):
            self.wrong(f"{key} was deleted for another version than {state.version}", record)
        return None

    def use(self, ghosts: Ghosts, kind: str) -> bool:
        """Takes one ghost for an explanation, if there is one."""
        left = getattr(ghosts, kind)
        if left == 0:
            return False
        setattr(ghosts, kind, left - 1)
        self.lenient += 1
        return True

    # Order

    def check_order(self):
        """Walks through all operations by their end, and finds a place for each."""
        begins = sorted((record["i"], record["z"]) for record in self.operations if record["z"] is not None)
        begin_times = [begun for begun, _ in begins]
        lowest_from = [math.inf] * (len(begins) + 1)
        for index in range(len(begins) - 1, -1, -1):
            lowest_from[index] = min(lowest_from[index + 1], begins[index][1])
        walk = _Walk()
        ordered = sorted(self.operations, key=lambda record: record.get("until", record["r"]))
        for record in ordered:
            end = record.get("until", record["r"])
            below = lowest_from[bisect.bisect_right(begin_times, end)]
            lowest = walk.lowest_at(record["i"])
            if record["z"] is not None:
                if record["z"] <= lowest:
                    self.wrong(f"zxid {record['z']:#x} though {lowest:#x} was reached before it began", record)
                if record["z"] >= below:
                    self.wrong(f"zxid {record['z']:#x} though a write that began after it has {below:#x}", record)
                walk.reached(end, record["c"], record["z"])
            elif record["o"] != "unknown":
                self.place(record, walk, lowest, below, end)

    def place(self, record: dict, walk: "_Walk", lowest: int, below: float, end: float):
        own = walk.sessions.get(record["c"], 0)
        lowest = own if record["k"] == "read" else max(own, lowest)
        if record["k"] == "multi" and record["o"] != "done":
            return self.wrong("a multi of znodes that nobody else writes was refused", record)
        timeline = self.timelines[self.key(record)[0] if record["k"] != "turn" else record["keys"][0]]
        place = timeline.place(lowest, below, lambda state: self.fits(record, state))
        if place is not None:
            return walk.reached(end, record["c"], place)
        if record["o"] != "done" and timeline.ghosts:
            self.lenient += 1
            return
        at = timeline.states[bisect.bisect_right(timeline.zxids, lowest) - 1]
        self.wrong(f"no place from {lowest:#x} to below {below:#x}, where the znode was {at}", record)

    def fits(self, record: dict, state: State | None) -> bool:
        match record["o"]:
            case "done":
                result = record["result"]
                found = State(result["czxid"], result["mzxid"], result["version"], result["data"])
                if state is not None and state.czxid == 0:
                    # What was there from the beginning: by whom it was created is not written down.
                    state = dataclasses.replace(
                        state, czxid=found.czxid, mzxid=found.mzxid if state.mzxid == 0 else state.mzxid
                    )
                return state == found
            case "no node":
                return state is None
            case "exists":
                return state is not None
            case "bad version":
                return state is not None and state.version != record["version"]
        raise AssertionError(record)

    def check_sessions(self):
        """The zxid that replies carry never goes back for a client."""
        last: dict[str, dict] = {}
        for record in self.operations:
            if record["o"] == "unknown":
                continue
            before = last.get(record["c"])
            if before is not None and record["x"] < before["x"]:
                self.wrong("the zxid of replies fell", before, record)
            last[record["c"]] = record

    # At the end

    def compare(self, found: dict[str, tuple[int, int, str, int, int]]):
        """With what is there when all is quiet: (mzxid, version, data, owner, czxid) by path."""
        for key, timeline in self.timelines.items():
            state = timeline.states[-1]
            there = found.get(key)
            if timeline.ghosts or not key:
                self.lenient += 1
            elif (state is None) != (there is None):
                self.wrong(f"at the end {key} is {there}, and was last {state}")
            elif state is not None and (state.version, state.data) != (there[1], there[2]):
                self.wrong(f"at the end {key} is {there}, and was last {state}")
        for key in found.keys() - self.timelines.keys():
            self.wrong(f"at the end there is {key}: {found[key]}, and nobody created it")

    def summary(self) -> str:
        acknowledged = [r for r in self.operations if r["k"] in WRITES and r["o"] == "done"]
        synced = sum(r["k"] == "synced read" and r["o"] == "done" for r in self.operations)
        read = sum(r["k"] == "read" and r["o"] == "done" for r in self.operations)
        refused = sum(r["o"] not in ("done", "unknown") for r in self.operations)
        unknown = sum(r["o"] == "unknown" for r in self.operations)
        return (
            f"{len(acknowledged)} writes acknowledged, {refused} refused, {synced} synced and {read} local reads;"
            f" {unknown} undecided ({self.ghost_count} never seen, {self.lenient} answers allowed for them)"
        )

    def report(self) -> str:
        return f"{len(self.problems)} problems:\n" + "\n".join(self.problems[:PROBLEMS_SHOWN])


class _Walk:
    """How far the cluster was known to be, by time and by session."""

    def __init__(self):
        self.ends: list[float] = []
        self.heights: list[int] = []
        self.sessions: dict[str, int] = {}

    def reached(self, end: float, client: str, place: int):
        self.ends.append(end)
        self.heights.append(max(place, self.heights[-1] if self.heights else 0))
        self.sessions[client] = max(place, self.sessions.get(client, 0))

    def lowest_at(self, time: float) -> int:
        """The highest place of what had ended before `time`."""
        index = bisect.bisect_left(self.ends, time) - 1
        return self.heights[index] if index >= 0 else 0
