"""Exhaustive search over tiny axes with the real clamp, and that it finds planted bugs: what never fails says nothing.

`exhaust.py SEARCH.c`: one TAP line for the search itself, one for each bug: a text of clamp.c and what a tired
programmer might write.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

TRANSITIONS_MIN = 60_000_000
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


def search(clamp, place):
    """(exit code, output) of the search with this text of clamp.c."""
    source, program = pathlib.Path(place, 'clamp.c'), pathlib.Path(place, 'exhaust')
    source.write_text(clamp)
    subprocess.run(['cc', '-std=c17', '-O2', f'-I{ROOT}', sys.argv[1], str(source), '-lm', '-o',
                    str(program)], check=True, capture_output=True, text=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def check_clamp(clamp, place):
    code, output = search(clamp, place)
    assert code == 0, output
    print(output.rstrip())
    transitions = int(output.split()[1])
    assert transitions >= TRANSITIONS_MIN, f'{transitions} transitions are fewer than {TRANSITIONS_MIN}'


def check_bug(clamp, text, bug, place):
    assert clamp.count(text) == 1, f'clamp.c does not hold this text once: {text}'
    code, output = search(clamp.replace(text, bug), place)
    assert code != 0, f'the search does not see it: {output}'
    print(output.rstrip())


def checks(place):
    clamp = (ROOT / 'controller/safety/clamp.c').read_text()
    yield 'every state of every tiny axis', lambda: check_clamp(clamp, place)
    for text, bug in BUGS:
        name = ' '.join(f'finds "{bug}" for "{text}"'.split())
        yield name, lambda case=(text, bug): check_bug(clamp, *case, place)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        tap.run(checks(folder))
