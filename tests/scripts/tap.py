"""Runs checks written in Python as TAP: one line a check, so that meson counts each of them."""

import sys
import traceback


class Reason:
    """Calls a check and keeps why it failed, None when it did not."""

    def __init__(self, function):
        self.function = function
        self.text = None

    def __call__(self):
        self.text = None
        try:
            self.function()
        except Exception as error:  # an unexpected error is a failed check too
            self.text = str(error) if isinstance(error, AssertionError) and str(error) else traceback.format_exc()
        return self.text is None


def run(checks, witness=None):
    """`checks`: (name, function) pairs; a function that raises has failed. With a witness (steady.py) one that failed
    while the computer stood still is tried again. Exits the process."""
    checks = list(checks)
    failed = 0
    print(f'1..{len(checks)}')
    for number, (name, function) in enumerate(checks, 1):
        check = Reason(function)
        if witness.tries(name, check) if witness else check():
            print(f'ok {number} - {name}')
        else:
            failed += 1
            print(f'not ok {number} - {name}')
            for line in check.text.rstrip().splitlines():
                print(f'# {line}')
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


def module_checks(module):
    """The functions called test_* of a module, in the order of the file."""
    found = [(name[5:].replace('_', ' '), value) for name, value in vars(module).items() if name.startswith('test_')]
    assert found, 'no test_ function here'
    return found
