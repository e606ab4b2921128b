"""Runs checks written in Python as TAP: one line a check, so that meson counts each of them."""

import sys
import threading
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


class Lanes:
    """Checks that are run in lanes, a thread each, and printed in the order of their ends, each in one piece."""

    def __init__(self, checks):
        self.left = list(checks)
        self.lock = threading.Lock()
        self.ended = self.failed = 0
        print(f'1..{len(self.left)}')

    def say(self, *lines):
        with self.lock:
            print('\n'.join(lines), flush=True)

    def end(self, name, good, text):
        with self.lock:
            self.ended += 1
            self.failed += not good
            print(f'{"" if good else "not "}ok {self.ended} - {name}')
            print(''.join(f'# {line}\n' for line in ('' if good else text.rstrip()).splitlines()), end='', flush=True)

    def lane(self, witness):
        while True:
            with self.lock:
                if not self.left:
                    return
                name, function = self.left.pop(0)
            check = Reason(function)
            self.end(name, witness.tries(name, check, self.say) if witness else check(), check.text)


def run(checks, *witnesses):
    """`checks`: (name, function) pairs; a function that raises has failed. With a witness (steady.py) one that failed
    while the computer stood still is tried again; with several, as many checks run at a time. Exits the process."""
    lanes = Lanes(checks)
    threads = [threading.Thread(target=lanes.lane, args=(witness,)) for witness in witnesses or (None,)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(1 if lanes.failed else 0)


def module_checks(module):
    """The functions called test_* of a module, in the order of the file."""
    found = [(name[5:].replace('_', ' '), value) for name, value in vars(module).items() if name.startswith('test_')]
    assert found, 'no test_ function here'
    return found
