"""Mutation run over controller/safety: small changes, each of which a unit test or the proof should find.

`mutate.py REPORT`: makes a change at every n-th place of each file (operators, constants, dropped conditions), builds
the kernel with it, and runs the kernel's unit tests; what survives is handed to the proof of that file. Writes a page
to REPORT. Long: its own target (`ninja mutation`), no part of ./check.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

import coverage  # noqa: E402
import prove  # noqa: E402

WANTED = 120  # places, over all files
SECONDS_MAX = 120
PROOF_SECONDS = 5
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
EQUIVALENT = {}


def code_lines(text):
    """Numbers from 0 and texts of the lines that hold code and no assertion."""
    blank = re.sub(r'/\*.*?\*/|//[^\n]*', lambda found: re.sub(r'[^\n]', ' ', found.group(0)), text, flags=re.S)
    for number, line in enumerate(blank.splitlines()):
        if line.strip() and not line.lstrip().startswith(('#', 'assert', '_Static')):
            yield number, line


def mutants():
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
    return found[::max(1, len(found) // WANTED)]


def compile_c(source, target):
    return subprocess.run(['gcc', *coverage.FLAGS, f'-I{ROOT}', '-c', source, '-o', target], capture_output=True,
                          text=True, check=False)


def prepare(folder):
    """Objects of the kernel by file name, and of its tests; all of them are one program."""
    kernel = {}
    for source in sorted(coverage.KERNEL.glob('*.c')):
        kernel[source.name] = folder / f'{source.stem}.o'
        done = compile_c(source, kernel[source.name])
        assert done.returncode == 0, done.stderr
    tests = []
    for source in [*(ROOT / path for path in coverage.HELPERS),
                   *(ROOT / f'tests/unit/{name}' for name in kernel if (ROOT / f'tests/unit/{name}').exists())]:
        tests.append(folder / f'test-{source.stem}.o')
        done = compile_c(source, tests[-1])
        assert done.returncode == 0, done.stderr
    return kernel, tests


def unit_tests_pass(folder, kernel, tests):
    program = folder / 'program'
    subprocess.run(['gcc', *kernel.values(), *tests, '-lcriterion', '-lm', '-o', program], check=True)
    try:
        done = subprocess.run([program, '-j2', '--timeout', '20'], capture_output=True, timeout=SECONDS_MAX,
                              check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def proof_passes(folder, file, text, home):
    place = folder / 'tree/controller/safety'
    place.mkdir(parents=True, exist_ok=True)
    for header in [*coverage.KERNEL.glob('*.h'), *coverage.KERNEL.glob('*.def')]:
        (place / header.name).write_text(header.read_text())
    (place / file).write_text(text)
    proved, goals, _ = prove.prove(file, home, folder / 'tree', seconds=PROOF_SECONDS)
    return goals > 0 and proved == goals


def judge(folder, kernel, tests, mutant, home):
    """Who found it: 'compiler', 'unit tests', 'proof' or 'nobody'."""
    file, number, _, mutated = mutant
    lines = (coverage.KERNEL / file).read_text().splitlines(keepends=True)
    lines[number - 1] = mutated + '\n'
    source = folder / f'mutant-{file}'
    source.write_text(''.join(lines))
    changed = dict(kernel)
    changed[file] = folder / 'mutant.o'
    if compile_c(source, changed[file]).returncode != 0:
        return 'compiler'
    if not unit_tests_pass(folder, changed, tests):
        return 'unit tests'
    return 'nobody' if proof_passes(folder, file, ''.join(lines), home) else 'proof'


def page(results):
    found = collections.Counter(who for _, who in results)
    counted = len(results) - found['compiler']
    killed = found['unit tests'] + found['proof']
    yield '# Mutation run of the kernel\n'
    yield ('Printed by `tests/proof/mutate.py` (`ninja mutation`). Each row is one small change of `controller/safety` '
           'and who found it.\n')
    yield (f'{counted} changes that compile: {found["unit tests"]} found by unit tests, {found["proof"]} by the proof, '
           f'{found["nobody"]} by nobody: {100 * killed / counted:.1f} % found.\n')
    yield '## Found by nobody\n'
    yield '| place | was | became | why nothing changes |\n|---|---|---|---|'
    for (file, number, was, became), who in results:
        if who == 'nobody':
            why = EQUIVALENT.get((file, became.strip()), '**not explained**')
            yield f'| {file}:{number} | {cell(was)} | {cell(became)} | {why} |'
    yield '\n## All\n\n| place | became | found by |\n|---|---|---|'
    for (file, number, _, became), who in results:
        yield f'| {file}:{number} | {cell(became)} | {who} |'


def cell(line):
    return '`' + line.strip().replace('|', '\\|') + '`'


def main(report):
    results = []
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(place)
        subprocess.run(['why3', 'config', 'detect'], env=prove.environment(home), capture_output=True, check=True)
        kernel, tests = prepare(folder)
        assert unit_tests_pass(folder, kernel, tests), 'the unit tests fail without any change'
        for mutant in mutants():
            who = judge(folder, kernel, tests, mutant, home)
            results.append((mutant, who))
            print(f'{mutant[0]}:{mutant[1]}: {mutant[3].strip()}: {who}', flush=True)
            pathlib.Path(report).write_text('\n'.join(page(results)) + '\n')
    counted = [who for _, who in results if who != 'compiler']
    sys.exit(0 if sum(who != 'nobody' for who in counted) >= SHARE_MIN * len(counted) else 1)


if __name__ == '__main__':
    main(sys.argv[1])
