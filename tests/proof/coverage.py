"""Coverage gate: every line, branch and condition (MC/DC) of controller/safety, by the deterministic unit tests.

`coverage.py`: builds each C file of controller/safety with clang-19's instrumentation, runs the unit tests named after
them, and gives one TAP line a file; what is missing is listed.

Assertions are left out of what is counted: that one never fails can't be shown by a test.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

KERNEL = ROOT / 'controller/safety'
# Sources that tests of the kernel share.
HELPERS = ['tests/stop_reference.c']
# Tests of the kernel beside those that bear the name of a file.
MORE_TESTS = ['tests/unit/judge_stop.c', 'tests/unit/judge_times.c']
KINDS = {'lines': 'line', 'branches': 'branch', 'mcdc': 'condition (MC/DC)'}
INSTRUMENT = ['-fprofile-instr-generate', '-fcoverage-mapping', '-fcoverage-mcdc']
FLAGS = ['-std=c17', '-O0', '-g', '-D_GNU_SOURCE', '-w', f'-I{ROOT}', f'-DBELAY_SOURCE_DIR="{ROOT}"']
SECONDS_MAX = 600


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False, **more)
    assert done.returncode == 0, f'{" ".join(map(str, command))}\n{done.stdout}{done.stderr}'
    return done.stdout


def build_and_run(folder):
    """Programs and their profiles, all tests together: (object files for llvm-cov, profile)."""
    objects = []
    for source in sorted(KERNEL.glob('*.c')):
        objects.append(folder / f'{source.stem}.o')
        run('clang-19', *FLAGS, *INSTRUMENT, '-DNDEBUG', '-c', source, '-o', objects[-1])
    helpers = [ROOT / path for path in HELPERS if (ROOT / path).exists()]
    tests = [ROOT / f'tests/unit/{source.stem}.c' for source in sorted(KERNEL.glob('*.c'))]
    tests = [test for test in tests if test.exists()] + [ROOT / path for path in MORE_TESTS]
    assert tests, 'no unit test bears the name of a file of the kernel'
    profiles = []
    for test in tests:
        program = folder / test.stem
        run('clang-19', *FLAGS, INSTRUMENT[0], test, *helpers, *objects, '-lcriterion', '-lm', '-o', program)
        # Criterion runs each test in a process of its own; %p gives each its profile.
        run(program, '-j1', env={'PATH': '/usr/bin', 'LLVM_PROFILE_FILE': f'{folder}/{test.stem}-%p.profraw'})
        profiles += folder.glob(f'{test.stem}-*.profraw')
    merged = folder / 'merged.profdata'
    run('llvm-profdata-19', 'merge', '-sparse', '-o', merged, *profiles)
    return objects, merged


def missing(objects, merged, path):
    """Lines of the annotated source on which something was not reached."""
    more = [word for each in objects[1:] for word in ('-object', each)]
    shown = run('llvm-cov-19', 'show', objects[0], *more, f'-instr-profile={merged}', '-show-branches=count',
                '-show-mcdc', path)
    lines = shown.splitlines()
    found = []
    for number, line in enumerate(lines):
        if '|      0|' in line or ', False: 0' in line or 'True: 0,' in line or 'not covered' in line:
            found.append(line.rstrip())
        if 'MC/DC Coverage for Expression:' in line and '100.00%' not in line:
            start = max(i for i in range(number) if '---> MC/DC Decision Region' in lines[i])
            found += lines[start:number + 1]
    return '\n'.join(found)


def check_file(objects, merged, path, summary):
    gaps = [f'{summary[kind]["count"] - summary[kind]["covered"]} of {summary[kind]["count"]} {word} not covered'
            for kind, word in KINDS.items() if summary[kind]['covered'] < summary[kind]['count']]
    assert not gaps, '\n'.join([*gaps, missing(objects, merged, path)])
    print(f'# {path.name}: {summary["lines"]["count"]} lines, {summary["branches"]["count"]} branches, '
          f'{summary["mcdc"]["count"]} conditions')


def checks(folder):
    objects, merged = build_and_run(folder)
    more = [word for each in objects[1:] for word in ('-object', each)]
    export = json.loads(run('llvm-cov-19', 'export', '-summary-only', objects[0], *more, f'-instr-profile={merged}'))
    files = {pathlib.Path(file['filename']): file['summary'] for file in export['data'][0]['files']}
    for source in sorted(KERNEL.glob('*.c')):
        yield (f'{source.name}: every line, branch and condition',
               lambda source=source: check_file(objects, merged, source, files[source]))


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as place:
        tap.run(checks(pathlib.Path(place)))
