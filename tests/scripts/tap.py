"""Runs checks written in Python as TAP: one line a check, so that meson counts each of them."""

import sys
import traceback


def run(checks):
    """`checks`: (name, function) pairs; a function that raises has failed. Exits the process."""
    checks = list(checks)
    failed = 0
    print(f'1..{len(checks)}')
    for number, (name, function) in enumerate(checks, 1):
        try:
            function()
            print(f'ok {number} - {name}')
        except Exception as error:  # an unexpected error is a failed check too
            failed += 1
            text = str(error) if isinstance(error, AssertionError) and str(error) else traceback.format_exc()
            print(f'not ok {number} - {name}')
            for line in text.rstrip().splitlines():
                print(f'# {line}')
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


def module_checks(module):
    """The functions called test_* of a module, in the order of the file."""
    found = [(name[5:].replace('_', ' '), value) for name, value in vars(module).items() if name.startswith('test_')]
    assert found, 'no test_ function here'
    return found
