"""The tidy test: one TAP line for each rule of rules.py. `tidy.py [ROOT]`; without ROOT, this tree."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'scripts')]

import rules  # noqa: E402
import tap  # noqa: E402
from tree import Tree  # noqa: E402


def check(rule, tree):
    found = [f'{path}:{line}: {what}' for path, line, what in rule(tree)]
    assert not found, '\n'.join(found)


if __name__ == '__main__':
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent)
    tap.run((name, lambda rule=rule: check(rule, tree)) for name, rule in rules.RULES.items())
