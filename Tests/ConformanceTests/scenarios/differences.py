"""Where aviaryd answers otherwise than ZooKeeper 3.8, and why. Every entry is needed, or the comparison fails."""

from support.differential import Difference

DIFFERENCES: list[Difference] = []
