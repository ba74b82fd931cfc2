"""Where aviaryd answers otherwise than ZooKeeper 3.8, and why. Every entry is needed, or the comparison fails."""

from support.differential import Difference

NULL_TEXT = "a text that is null is as an empty one: the rules of paths decide, not an exception on the way"
READ_NEEDED = "since 3.9.2 exists needs READ, as every read does (ZOOKEEPER-2590)"

DIFFERENCES: list[Difference] = [
    Difference(
        "attach_with_wrong_password",
        r"A exists\(.*\) -> closed",
        r"A exists\(.*\) -> xid 2 .* error 0 .*",
        "whoever knows a session's number could cut off its client: here the password is checked first",
    ),
    Difference(
        "check_alone", r"A call\(13, .*\) -> silence", r"A call\(13, .*\) -> xid 1 zxid -1 error -6",
        "3.8 never answers; 3.9 does as here",
    ),
    Difference(
        "internal_operations", r"A call\(-10, .*\) -> xid 0 .*", r"A call\(-10, .*\) -> xid 1 zxid -1 error -6",
        "an operation between servers is refused from a client; ZooKeeper opens a session",
    ),
    Difference(
        "internal_operations", r"B call\(20, .*\) -> .* error -8", r"B call\(20, .*\) -> xid 1 zxid -1 error -6",
        "an operation between servers is refused from a client; ZooKeeper would delete a container",
    ),
    Difference("internal_operations", r"B stays open", r"B is closed", "as every operation that is unknown"),
    Difference(
        "multi_of_all_kinds", r"A multi\(.*\) -> xid 1 zxid z\+2 error 0 .*", r"A multi\(.*\) -> xid 1 zxid z\+2 error 0 .*",
        "3.8 answers a create2 in a multi as a create; 3.9 with the Stat that was asked for",
    ),
    Difference(
        "multi_read_with_writes", r"A multi\(.*\) -> .* error -5 REST ffffffff01ffffffff", r"A multi\(.*\) -> .* error -5",
        "ZooKeeper appends the end of an empty result to an error, which no client reads",
    ),
    Difference("each_permission", r"A exists\(.*\) -> .* error 0 .*", r"A exists\(.*\) -> .* error -102", READ_NEEDED),
    Difference("invalid_lists", r"A .*\(31, 'digest', None\).* error -5", r"A .*\(31, 'digest', None\).* error -114", NULL_TEXT),
]  # fmt: skip
