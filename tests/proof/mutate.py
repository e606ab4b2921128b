"""Mutation run over controller/safety: small changes, each of which a unit test or the proof should find.

`mutate.py RUNNER.c REPORT [--every N]`: makes every change that the table below knows at every (or every N-th) place of
the kernel, builds it, and runs the kernel's unit tests, those of the changed file first; what survives is handed to the
proof of the changed function. RUNNER.c runs the tests without Criterion's cost. Writes a page to REPORT. Long: its own
target (`ninja mutation`), no part of ./check.
"""

import collections
import concurrent.futures
import datetime
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

import coverage  # noqa: E402
import prove  # noqa: E402

SECONDS_MAX = 120
PROOF_SECONDS = 10
SHARE_MIN = 0.95
# (what is looked for, what a tired programmer might write). In code only: no comments, contracts, assertions.
OPERATORS = [
    (r'(?<=\s)<=(?=\s)', '<'), (r'(?<=\s)<(?=\s)', '<='), (r'(?<=\s)>=(?=\s)', '>'), (r'(?<=\s)>(?=\s)', '>='),
    (r'(?<=\s)==(?=\s)', '!='), (r'(?<=\s)!=(?=\s)', '=='), (r'(?<=\s)&&(?=\s)', '||'), (r'(?<=\s)\|\|(?=\s)', '&&'),
    (r'(?<=\w )\+(?= \w)', '-'), (r'(?<=\w )-(?= \w)', '+'), (r'(?<=\w )\*(?= \w)', '+'),
    (r'(?<=[ (])!(?=\w)', ''), (r'\btrue\b', 'false'), (r'\bfalse\b', 'true'),
    (r'\bSTOP_OFF\b', 'STOP_RAMP'), (r'\bEVENT_AXIS_TRIP_0\b', 'EVENT_AXIS_TRIP_1'),
    (r'(?<=^    if \()[^()]+(?=\)$)', 'false'), (r'(?<=return )0(?=;)', '1'), (r'(?<== )0(?=;)', '1'),
]
# Changes that change nothing that can be seen: (file, the mutated line) -> why.
SAME_AT_THE_LIMIT = 'at the limit itself both branches give the same value'
EQUIVALENT = {
    ('clamp.c', 'return value <= min ? min : value > max ? max : value;'): SAME_AT_THE_LIMIT,
    ('clamp.c', 'return value < min ? min : value >= max ? max : value;'): SAME_AT_THE_LIMIT,
    ('clamp.c', 'return a <= b ? a : b;'): SAME_AT_THE_LIMIT,
    ('clamp.c', 'return a >= b ? a : b;'): SAME_AT_THE_LIMIT,
    ('integer.c', 'return value <= 0 ? -value : value;'): 'minus zero is zero',
    ('clamp.c', 'if (near >= 0)'): 'zero is always allowed, and returned before',
    ('duty.c', 'int64_t all = permille <= 0 ? -(int64_t)permille : permille;'): 'minus zero is zero',
    ('load.c', 'if (felt_um_s2 <= 0)'): 'a load that feels no weight weighs nothing: 0 by either way',
    ('monitor.c', 'return up_um_s2 <= -MONITOR_GRAVITY_UM_S2 / 2 ? -MONITOR_GRAVITY_UM_S2 / 2 : up_um_s2;'):
        SAME_AT_THE_LIMIT,
    ('monitor.c', 'if (then_um_s <= low_um_s)'): SAME_AT_THE_LIMIT,
    ('travel.c', 'return planned_nm >= 0 ? beyond(travel_nm, 0, planned_nm) : beyond(travel_nm, planned_nm, 0);'):
        'with a plan of zero both branches are the same call',
    ('travel.c', 'return planned_nm_s >= 0 ? step_um < 0 : step_um > 0;'): 'a plan of zero has returned before',
}


def code_lines(text):
    """Numbers from 0 and texts of the lines that hold code and no assertion."""
    blank = re.sub(r'/\*.*?\*/|//[^\n]*', lambda found: re.sub(r'[^\n]', ' ', found.group(0)), text, flags=re.S)
    for number, line in enumerate(blank.splitlines()):
        if line.strip() and not line.lstrip().startswith(('#', 'assert', '_Static')):
            yield number, line


def mutants(every):
    """(file, line number from 1, the line, the mutated line), every n-th of all."""
    found = []
    for source in sorted(coverage.KERNEL.glob('*.c')):
        text = source.read_text()
        lines = text.splitlines()
        for number, line in code_lines(text):
            for pattern, new in OPERATORS:
                for place in re.finditer(pattern, line):
                    mutated = lines[number][:place.start()] + new + lines[number][place.end():]
                    found.append((source.name, number + 1, lines[number], mutated))
    return found[::every]


def function_at(text, number):
    """Name of the function whose body holds the line, or None: a table."""
    name = None
    for line in text.splitlines()[:number]:
        begins = re.match(r'(?:static )?[a-z][\w *]*?(\w+)\([^;]*$', line)
        name = begins.group(1) if begins else None if line == '}' else name
    return name


def compile_c(source, target):
    return subprocess.run(['gcc', *coverage.FLAGS, '-g0', f'-I{HERE}/plain', '-c', source, '-o', target],
                          capture_output=True, text=True, check=False)


def prepare(folder):
    """Objects of the kernel by file name, and of its tests; all of them are one program."""
    kernel = {}
    for source in sorted(coverage.KERNEL.glob('*.c')):
        kernel[source.name] = folder / f'{source.stem}.o'
        done = compile_c(source, kernel[source.name])
        assert done.returncode == 0, done.stderr
    tests = []
    for source in [sys.argv[1], *(ROOT / path for path in coverage.HELPERS + coverage.MORE_TESTS),
                   *(ROOT / f'tests/unit/{name}' for name in kernel if (ROOT / f'tests/unit/{name}').exists())]:
        tests.append(folder / f'test-{pathlib.Path(source).stem}.o')
        done = compile_c(source, tests[-1])
        assert done.returncode == 0, done.stderr
    return kernel, tests


def unit_tests_pass(folder, kernel, tests, first):
    """All of them; those of the file `first` come first, they are the likeliest to fail. What hangs fails too."""
    program = folder / 'program'
    subprocess.run(['gcc', *kernel.values(), *tests, '-lm', '-o', program], check=True)
    try:
        done = subprocess.run([program, pathlib.Path(first).stem], capture_output=True, timeout=SECONDS_MAX,
                              check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


class Proof:
    """The proof of one function of the kernel, in a copy of it."""

    def __init__(self, home):
        self.home = home

    def holds(self, file, function, text):
        with tempfile.TemporaryDirectory() as tree:
            place = pathlib.Path(tree, 'controller/safety')
            place.mkdir(parents=True)
            for header in [*coverage.KERNEL.glob('*.h'), *coverage.KERNEL.glob('*.def')]:
                (place / header.name).write_text(header.read_text())
            (place / file).write_text(text)
            proved, goals, words = prove.prove(f'controller/safety/{file}', self.home, pathlib.Path(tree), function,
                                               PROOF_SECONDS)
        assert goals > 0, words
        return proved == goals

    @functools.lru_cache(maxsize=None)
    def holds_unchanged(self, file, function):
        return self.holds(file, function, (coverage.KERNEL / file).read_text())

    def refuses(self, file, number, text):
        """Only what is proved without the change is refuted by not being proved with it."""
        before = (coverage.KERNEL / file).read_text()
        function = function_at(before, number)
        if '/*@' not in before or not self.holds_unchanged(file, function):
            return False
        return not self.holds(file, function, text)


def changed_text(mutant):
    file, number, _, mutated = mutant
    lines = (coverage.KERNEL / file).read_text().splitlines(keepends=True)
    lines[number - 1] = mutated + '\n'
    return ''.join(lines)


def run_units(kernel, tests, mutant):
    """Who found it so far: 'compiler', 'unit tests' or 'nobody'."""
    file = mutant[0]
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        source = folder / file
        source.write_text(changed_text(mutant))
        changed = {**kernel, file: folder / 'mutant.o'}
        if compile_c(source, changed[file]).returncode != 0:
            return 'compiler'
        return 'nobody' if unit_tests_pass(folder, changed, tests, file) else 'unit tests'


def commit():
    return subprocess.run(['git', 'log', '-1', '--format=%h', '--', 'controller/safety', 'tests/unit', 'tests/proof'],
                          cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def page(results, every):
    found = collections.Counter(who for _, who in results)
    counted = len(results) - found['compiler']
    killed = found['unit tests'] + found['proof']
    yield '# Mutation run of the kernel\n'
    yield ('Printed by `tests/proof/mutate.py` (`ninja -C build mutation`): small changes of `controller/safety`, one '
           f'at a time, and who found them. {datetime.date.today():%d %B %Y}, tests and kernel as of commit '
           f'{commit()}, {"every place" if every == 1 else f"one of {every} places"}.\n')
    yield (f'**{counted} changes that compile: {found["unit tests"]} found by unit tests, {found["proof"]} by the '
           f'proof, {found["nobody"]} by nobody: {100 * killed / counted:.1f} % found.**\n')
    yield '| file | changes | unit tests | proof | nobody |\n|---|---|---|---|---|'
    for file in sorted({mutant[0] for mutant, _ in results}):
        who = collections.Counter(who for mutant, who in results if mutant[0] == file and who != 'compiler')
        yield f'| {file} | {sum(who.values())} | {who["unit tests"]} | {who["proof"]} | {who["nobody"]} |'
    yield '\n## Found by nobody\n'
    yield '| place | was | became | why nothing changes |\n|---|---|---|---|'
    for (file, number, was, became), who in results:
        if who == 'nobody':
            why = EQUIVALENT.get((file, became.strip()), '**not explained**')
            yield f'| {file}:{number} | {cell(was)} | {cell(became)} | {why} |'
    yield '\n## Found by the proof only\n'
    yield '| place | was | became |\n|---|---|---|'
    for (file, number, was, became), who in results:
        if who == 'proof':
            yield f'| {file}:{number} | {cell(was)} | {cell(became)} |'


def cell(line):
    return '`' + line.strip().replace('|', '\\|') + '`'


def told(mutant, who):
    print(f'{mutant[0]}:{mutant[1]}: {mutant[3].strip()}: {who}', flush=True)
    return mutant, who


def run(todo, folder, home):
    """(mutant, who found it) of each: the tests of all of them first, then the proofs of what is left."""
    prove.configure(home)
    kernel, tests = prepare(folder)
    assert unit_tests_pass(folder, kernel, tests, 'clamp.c'), 'the unit tests fail without any change'
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda mutant: told(mutant, run_units(kernel, tests, mutant)), todo))
    proof = Proof(home)
    for mutant, who in results:
        if who == 'nobody' and proof.refuses(mutant[0], mutant[1], changed_text(mutant)):
            who = 'proof'
        yield told(mutant, who) if who in ('nobody', 'proof') else (mutant, who)


def main(report, every=1):
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as home:
        results = list(run(mutants(every), pathlib.Path(place), home))
    pathlib.Path(report).write_text('\n'.join(page(results, every)) + '\n')
    counted = [who for _, who in results if who != 'compiler']
    sys.exit(0 if sum(who != 'nobody' for who in counted) >= SHARE_MIN * len(counted) else 1)


if __name__ == '__main__':
    main(sys.argv[2], int(sys.argv[4]) if sys.argv[3:4] == ['--every'] else 1)
