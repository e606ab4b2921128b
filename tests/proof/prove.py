"""Machine proof of controller/safety: every contract there, and the absence of overflow and bad access, by Frama-C WP;
and of braking.c, which puts the clamp's contracts together to a ramp that ends in time.

`prove.py FILE...`: one TAP line for each C file of controller/safety that carries contracts, and for each FILE.
`prove.py --refusals`: one for each planted bug, which the proof must refuse: a proof that cannot fail says nothing.
What is proved is the contract, under its `requires`, of the C text; not the compiler.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

GOAL_SECONDS = 20
# (file, function, text, what a tired programmer might write): each must leave goals unproved.
MUTANTS = [
    ('clamp.c', 'ramped', 'larger(0, last_um_s - stop_step(limits, mode, CLAMP_OUT))',
     '(last_um_s - stop_step(limits, mode, CLAMP_OUT))'),
    ('clamp.c', 'slows', 'distance_um - run_um)', 'distance_um)'),
    ('clamp.c', 'held', 'if (clamp_allows(limits, in, near))', 'if (true)'),
    ('clamp.c', 'hard_stops', 'return link && off;', 'return off;'),
    ('state.c', 'state_next', '{STATE_RUNNING, EVENT_AXIS_TRIP_0, STATE_FAULT}',
     '{STATE_RUNNING, EVENT_AXIS_TRIP_0, STATE_STOPPING}'),
    ('state.c', 'state_next', '{STATE_ARMED, EVENT_AXIS_RUN, STATE_ENABLING}',
     '{STATE_ARMED, EVENT_AXIS_RUN, STATE_RUNNING}'),
    ('clamp.c', 'forbids', 'in->tension_mn >= limits', 'in->tension_mn > limits'),
]


def environment(home):
    return {**os.environ, 'HOME': home, 'PWD': home}


def prove(file, home, tree=ROOT, function=None, seconds=GOAL_SECONDS):
    """(goals proved, goals in all, the tool's words) for one C file, by its path in the tree."""
    command = ['frama-c', '-c11', f'-cpp-extra-args=-I{tree}', '-kernel-warn-key', 'annot:missing-spec=abort', '-wp',
               '-wp-rte', '-wp-prover', 'cvc4,z3', '-wp-timeout', str(seconds), '-wp-par', '2', '-wp-cache', 'none']
    if function:
        command += ['-wp-fct', function]
    # Frama-C takes relative paths from $PWD, wherever it really runs: name the file in full.
    done = subprocess.run([*command, f'{tree}/{file}'], cwd=tree, env=environment(home),
                          capture_output=True, text=True, check=False)
    counted = re.search(r'Proved goals:\s+(\d+) / (\d+)', done.stdout)
    if done.returncode != 0 or not counted:
        return 0, 0, done.stdout + done.stderr
    return int(counted.group(1)), int(counted.group(2)), done.stdout


def check_file(file, home):
    proved, goals, words = prove(file, home)
    unproved = '\n'.join(line for line in words.splitlines() if ': Valid' not in line)
    assert goals > 0 and proved == goals, f'{proved} of {goals} goals proved\n{unproved}'
    print(f'# {file}: {proved} of {goals} goals proved')


def check_mutant(file, function, text, mutant, home):
    source = (ROOT / 'controller/safety' / file).read_text()
    assert source.count(text) == 1, f'{file} does not hold this text once: {text}'
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, 'controller/safety')
        place.mkdir(parents=True)
        for header in (ROOT / 'controller/safety').glob('*.h'):
            (place / header.name).write_text(header.read_text())
        (place / file).write_text(source.replace(text, mutant))
        proved, goals, words = prove(f'controller/safety/{file}', home, pathlib.Path(folder), function, seconds=2)
    assert goals > 0, words
    assert proved < goals, 'the broken code was proved'


def proofs(home):
    files = sorted(path.name for path in (ROOT / 'controller/safety').glob('*.c') if '/*@' in path.read_text())
    assert files, 'no contracts in controller/safety'
    more = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in sys.argv[1:]]
    for file in [f'controller/safety/{name}' for name in files] + more:
        yield f'{file}: all goals proved', lambda file=file: check_file(file, home)


def refusals(home):
    for file, function, text, mutant in MUTANTS:
        yield (f'{file}: refuses {function}() with "{mutant}"',
               lambda case=(file, function, text, mutant): check_mutant(*case, home))


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as home:
        # A clean machine has no ~/.why3.conf, and without one WP sees no prover.
        subprocess.run(['why3', 'config', 'detect'], env=environment(home), capture_output=True, check=True)
        tap.run(refusals(home) if sys.argv[1:] == ['--refusals'] else proofs(home))
