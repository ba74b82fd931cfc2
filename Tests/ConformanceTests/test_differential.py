"""The same bytes to ZooKeeper and to aviaryd: the same answers, or a reason that is written down."""

import inspect

import pytest

from scenarios import access, multis, sessions, watches, znodes
from scenarios.differences import DIFFERENCES
from support.differential import compare, play

MODULES = [sessions, znodes, multis, access, watches]


def scenarios():
    for module in MODULES:
        for name, scenario in inspect.getmembers(module, inspect.isfunction):
            if scenario.__module__ == module.__name__ and list(inspect.signature(scenario).parameters) == ["stage"]:
                yield pytest.param(scenario, id=f"{module.__name__.removeprefix('scenarios.')}-{name}")


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_same_answers(scenario, oracle, shared):
    theirs = play(scenario, oracle)
    ours = play(scenario, shared)
    problems = compare(scenario.__name__, theirs, ours, DIFFERENCES)
    assert not problems, "\n".join([f"{scenario.__name__}: {scenario.__doc__}"] + problems)


def test_every_difference_names_a_scenario():
    names = {parameter.values[0].__name__ for parameter in scenarios()}
    assert [difference for difference in DIFFERENCES if difference.scenario not in names] == []
