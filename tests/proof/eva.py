"""The kernel under Frama-C's Eva: every public function over its declared ranges, cycle after cycle (eva_main.c).

Eva joins what WP keeps apart, so it knows less of how values belong together; what it asks of contracts and assertions
is WP's matter (prove.py). Here count its own alarms: overflow, index, division, memory that nobody has set. Each that
is left is in EXPLAINED with its reason, and one that is gone must leave the table.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

# (file, the assertion that Eva can't show): why it holds. Each is a goal that `prove.py` proves.
EXPLAINED = {
    ('clamp.c', '-9223372036854775808 ≤ band->from_um - position_um'): 'no position reaches it from farther than 20 km',
    ('clamp.c', 'band->from_um - position_um ≤ 9223372036854775807'): 'the same',
    ('clamp.c', '-9223372036854775808 ≤ position_um - band->to_um'): 'the same',
    ('clamp.c', 'position_um - band->to_um ≤ 9223372036854775807'): 'the same',
    ('duty.c', 'way * cycle_us ≤ 9223372036854775807'): 'the mean never leaves the way from 0 to the greatest square',
}
ALARM = re.compile(r'^\[eva:alarm\] (\S+?):\d+: Warning: *\n((?:  .*\n)+)', re.MULTILINE)
CONTRACT = re.compile(r'^ *(?:function|assertion|loop|\w+ of).*got status (?:unknown|invalid)', re.DOTALL)


def analyse(*files):
    share = subprocess.run(['frama-c', '-print-share-path'], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(['frama-c', '-c11', '-machdep', 'gcc_x86_64', f'-cpp-extra-args=-I{ROOT} -I{share}/libc',
                           '-eva', '-eva-precision', '0', *map(str, files)],
                          capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0 and 'ANALYSIS SUMMARY' in done.stdout, done.stdout[-3000:] + done.stderr
    return done.stdout


def alarms(words):
    """(name of the file, assertion) of each alarm that is no contract's."""
    found = set()
    for file, text in ALARM.findall(words):
        text = ' '.join(text.split())
        if CONTRACT.match(text):
            continue
        asked = re.search(r'assert (.*?);', text)
        found.add((pathlib.Path(file).name, asked.group(1) if asked else text))
    return found


def check_kernel():
    words = analyse(HERE / 'eva_main.c', *sorted((ROOT / 'controller/safety').glob('*.c')))
    for line in re.findall(r'^  .*(?:coverage\.|alarms generated.*)$', words, re.MULTILINE):
        print(f'# {line.strip()}')
    said = int(re.search(r'^  (\d+) alarms? generated', words, re.MULTILINE)[1])
    found = alarms(words)
    new = '\n'.join(f'{file}: {text}' for file, text in sorted(found - EXPLAINED.keys()))
    assert not new, f'alarms without an explanation:\n{new}'
    gone = '\n'.join(f'{file}: {text}' for file, text in sorted(EXPLAINED.keys() - found))
    assert not gone, f'explained and not there any more:\n{gone}'
    assert said == len(EXPLAINED), f'Eva counts {said} alarms, {len(EXPLAINED)} are read here'


def check_reached():
    """Every public function of the kernel that takes a decision is called by eva_main.c."""
    driver = (HERE / 'eva_main.c').read_text()
    wanted = set()
    for header in ('judge', 'clamp', 'guard', 'load', 'duty', 'pull', 'group', 'monitor'):
        text = re.sub(r'/\*.*?\*/', '', (ROOT / f'controller/safety/{header}.h').read_text(), flags=re.DOTALL)
        wanted |= set(re.findall(rf'^[a-z][\w \*]*?\b({header}_\w+)\(', text, re.MULTILINE))
    through_others = {'monitor_step', 'guard_end_switch', 'guard_ultimate_switch', 'guard_dead_turns', 'guard_overwrap',
                      'guard_switch_implausible'}  # by judge_step() and guard_step()
    missing = sorted(name for name in wanted - through_others if f'{name}(' not in driver)
    assert wanted and not missing, f'not called: {missing}'


def check_planted():
    """An index one too far, and a value that nobody set, are told."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, 'planted.c')
        place.write_text('#include "__fc_builtin.h"\nint main(void) {\n    int a[2] = {0, 0}, b;\n'
                         '    if (Frama_C_interval(0, 1)) b = 1;\n'
                         '    return a[Frama_C_interval(0, 2)] + b;\n}\n')
        found = alarms(analyse(place))
    assert len(found) == 2, found


tap.run([('Eva raises no unexplained alarm in the kernel', check_kernel),
         ('Eva is shown every function of the kernel', check_reached),
         ('Eva tells an index that is too far and a value that nobody set', check_planted)])
