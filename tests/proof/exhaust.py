"""Exhaustive search over tiny axes with the real clamp, and that it finds planted bugs: what never fails says nothing.

`exhaust.py SEARCH.c`: one TAP line for the search itself, one for each bug: a text of clamp.c and what a tired
programmer might write.
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

TRANSITIONS_MIN = 100_000_000
SEARCH = sys.argv[1]
FAST = ['-O3', '-march=native']
# Each text stands once in clamp.c.
BUGS = [
    ('path->delay_us);\n    int64_t growing', 'path->delay_us * 0);\n    int64_t growing'),
    ('(drum_um_s + grown, path->jerk_us)', '(0, path->jerk_us)'),
    ('+ growth_travel(drum_um_s, grown, path->deceleration_um_s2)', ''),
    ('smaller(path->deceleration_um_s2, ramp->deceleration_um_s2)', 'path->deceleration_um_s2'),
    ('square(from_um_s) - square(to_um_s)', 'square(to_um_s)'),
    ('2 * (slow_um_s2 * distance_um)', '4 * (slow_um_s2 * distance_um)'),
    ('distance_um - run_um)', 'distance_um)'),
    ('return link && off;', 'return off;'),
    ('return link && off;', 'return link;'),
    ('smaller(speed_um_s + more, limits', 'smaller(speed_um_s, limits'),
    ('limits->position_max_um - position_um : position_um', 'limits->ultimate_max_um - position_um : position_um'),
    ('position_um - limits->ultimate_min_um;', 'position_um - limits->ultimate_min_um + 20;'),
    ('return ending && slow;', 'return ending;'),
    ('position_um > band->to_um :', 'position_um > band->from_um :'),
    ('position_um < band->from_um;', 'position_um < band->to_um;'),
    ('return in->blocked[d] || (d == CLAMP_OUT && weight);', 'return d == CLAMP_OUT && weight;'),
    ('return in->blocked[d] || (d == CLAMP_OUT && weight);', 'return in->blocked[d];'),
    ('in->tension_mn >= limits', 'in->tension_mn > limits'),
    ('|| speed_um_s > limits->speed_um_s[in->mode][d])', '|| speed_um_s > limits->speed_max_um_s[d])'),
    ('mode == MODE_CATCH ?', 'mode != MODE_CATCH ?'),
    ('(int32_t)smaller(faster(limits, d), stop_step(limits, mode, d))', 'stop_step(limits, mode, d)'),
    ('smaller(last_um_s + slower(limits, mode, CLAMP_IN), out)', '(last_um_s + slower(limits, mode, CLAMP_IN))'),
    ('larger(fastest(limits, in, CLAMP_OUT, near), stop)', 'smaller(fastest(limits, in, CLAMP_OUT, near), stop)'),
    ('larger(fastest(limits, in, CLAMP_OUT, near), stop)', 'fastest(limits, in, CLAMP_OUT, near)'),
    ('bool lost = !in->position_ok ||', 'bool lost ='),
    ('in->belaying && !in->tension_ok', '!in->tension_ok && !in->belaying'),
    ('return in->state == STATE_STOPPING || lost', 'return lost'),
    ('in->state != STATE_RUNNING && in->state', 'in->state'),
]


def compile_c(place, source, *options):
    target = pathlib.Path(place, f'{pathlib.Path(source).stem}.o')
    subprocess.run(['cc', '-std=c17', *options, f'-I{ROOT}', '-c', str(source), '-o', str(target)], check=True,
                   capture_output=True, text=True)
    return target


def link(place, name, objects):
    program = pathlib.Path(place, name)
    subprocess.run(['cc', *map(str, objects), '-lm', '-o', str(program)], check=True, capture_output=True, text=True)
    return program


def whole_search(clamp, place):
    """(exit codes, outputs, seconds) of the search of all axes, a part for each processor."""
    program = link(place, 'whole', [compile_c(place, source, *FAST) for source in (SEARCH, clamp)])
    parts = os.cpu_count()
    began = time.monotonic()
    running = [subprocess.Popen([str(program), str(part), str(parts)], stdout=subprocess.PIPE, text=True)
               for part in range(parts)]
    outputs = [each.communicate()[0] for each in running]
    return [each.returncode for each in running], outputs, time.monotonic() - began


def check_clamp(clamp, place):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    codes, outputs, seconds = whole_search(clamp, place)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not any(codes), '\n'.join(outputs)
    transitions = sum(int(output.split()[1]) for output in outputs)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'# {transitions} transitions in {seconds:.1f} s with {len(codes)} processes; '
          f'{processor:.1f} s of processor time with compiling')
    assert transitions >= TRANSITIONS_MIN, f'{transitions} transitions are fewer than {TRANSITIONS_MIN}'


def check_bug(clamp, text, bug, place, search):
    original = clamp.read_text()
    assert original.count(text) == 1, f'clamp.c does not hold this text once: {text}'
    broken = pathlib.Path(place, 'broken.c')
    broken.write_text(original.replace(text, bug))
    program = link(place, 'broken', [search, compile_c(place, broken, '-O1')])
    done = subprocess.run([str(program), '0', '1'], capture_output=True, text=True, check=False)
    assert done.returncode == 1, f'the search does not see it: {done.stdout}'
    print(done.stdout.rstrip())


def checks(place):
    clamp = ROOT / 'controller/safety/clamp.c'
    yield 'every state of every tiny axis', lambda: check_clamp(clamp, place)
    search = compile_c(place, SEARCH, *FAST)
    for text, bug in BUGS:
        name = ' '.join(f'finds "{bug}" for "{text}"'.split())
        yield name, lambda case=(text, bug): check_bug(clamp, *case, place, search)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        tap.run(checks(folder))
