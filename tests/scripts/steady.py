"""For tests on the real clock: a case that failed while this computer itself stood still is tried again, and says so.

A limit of the machine is never loosened for a busy computer. A case that fails counts as failed, unless a witness (the
program tests/witness) measured in the same moment that the computer took a pause as long as a control cycle. Then
the failure says nothing about Belay, and the case is run again, a few times at most.

usage: steady.py WITNESS PROGRAM                  a Criterion program
       steady.py --whole WITNESS PROGRAM [ARGUMENT...]   one whose exit code is all
"""

import os
import re
import subprocess
import sys
import time

PAUSE_S = 0.01  # one control cycle: a beat that is missed by more stops a winch, as it should
TRIES = 4
CALM_S = 1.0  # without a pause, before the next try
CALM_WAIT_S = 30.0  # at most
AGAIN = 'again, because this computer stood still'  # tests/scripts/summary.py counts these words
CASE = re.compile(r'(not )?ok - (\S+)::(\S+)')


class Witness:
    """The process that measures; use as a context. Nobody measures where `program` is None."""

    def __init__(self, program):
        self.process = program and subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pause_s()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stdin.close()
            self.process.wait()

    def pause_s(self):
        """The longest pause since the last call."""
        if not self.process:
            return 0.0
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return int(self.process.stdout.readline()) / 1e6

    def wait_for_calm(self):
        """Until the computer keeps time again, if it does."""
        end = time.monotonic() + CALM_WAIT_S
        while self.process and time.monotonic() < end:
            time.sleep(CALM_S)
            if self.pause_s() < PAUSE_S:
                return

    def tries(self, name, once, note=print):
        """Calls once() until it gives something true, again only after a failure with a pause. What it gave last."""
        for attempt in range(1, TRIES + 1):
            self.pause_s()
            good = once()
            pause_s = self.pause_s()
            if good or pause_s < PAUSE_S or attempt == TRIES:
                if not good and pause_s >= PAUSE_S:
                    note(f'# {name}: failed {TRIES} times, and each time this computer stood still')
                return good
            note(f'# {name}: {AGAIN} for {pause_s * 1000:.0f} ms')
            self.wait_for_calm()
        return good


def from_environment():
    """The witness that meson names; a test on the real clock does not run without one."""
    return Witness(os.environ['BELAY_WITNESS'])


def run(command):
    """Exit code and lines of a program; what it says to standard error is passed on."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors='replace',
                          check=False)
    return done.returncode, done.stdout.splitlines()


def run_cases(witness, command):
    """A Criterion program: all of its cases, then those that failed in a pause once more, one by one."""
    code, lines = run([*command, '--tap'])
    pause_s = witness.pause_s()
    failed = [match for match in map(CASE.match, lines) if match and match.group(1)]
    saved = set()
    print('\n'.join(lines[:1]))  # the version: TAP wants it first
    for match in failed if pause_s >= PAUSE_S else []:
        name = f'{match.group(2)}::{match.group(3)}'
        print(f'# {name}: {AGAIN} for {pause_s * 1000:.0f} ms')
        witness.wait_for_calm()

        def once():
            again, words = run([*command, '--tap', '--jobs=1', f'--filter={match.group(2)}/{match.group(3)}'])
            good = again == 0 and any(line.startswith(f'ok - {name} ') for line in words)
            if not good:
                print('\n'.join('# ' + line for line in words))
            return good

        if witness.tries(name, once):
            saved.add(name)
    for line in lines[1:]:
        match = CASE.match(line)
        print(line[4:] if match and f'{match.group(2)}::{match.group(3)}' in saved else line)
    # A program that ended badly for another reason than its failed cases has failed.
    return code if code < 0 or not failed or len(saved) < len(failed) else 0


def run_whole(witness, command):
    """A program without cases: its exit code."""
    code = 1

    def once():
        nonlocal code
        code, lines = run(command)
        print('\n'.join(lines))
        return code == 0

    witness.tries(os.path.basename(command[0]), once)
    return code


def main():
    whole = sys.argv[1] == '--whole'
    program, *command = sys.argv[1 + whole:]
    with Witness(program) as witness:
        code = (run_whole if whole else run_cases)(witness, command)
    sys.stdout.flush()
    sys.exit(code if 0 <= code < 128 else 1)


if __name__ == '__main__':
    main()
