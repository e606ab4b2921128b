"""Exhaustive searches with the real functions of controller/safety, and that they find planted bugs: what never fails
says nothing.

`exhaust.py SEARCH.c`: one TAP line for the search itself, one for each bug: a text of the kernel and what a tired
programmer might write. The search runs in a part for each processor.
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

SEARCH = pathlib.Path(sys.argv[1])
SAFETY = ROOT / 'controller/safety'
# All in one piece: what does not change from one transition to the next is then computed once. Three times as fast.
FAST = ['-O3', '-march=native', '-flto', '-finline-limit=20000', '--param=large-function-growth=10000',
        '--param=inline-unit-growth=10000']
QUICK = ['-O1']  # to compile: the search for a planted bug is short
# Each text stands once in the file.
CLAMP_BUGS = [
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
    ('return in->blocked[d] || (d == CLAMP_OUT ? weight : unfelt);', 'return d == CLAMP_OUT ? weight : unfelt;'),
    ('(d == CLAMP_OUT ? weight : unfelt)', '(d == CLAMP_IN && unfelt)'),
    ('(d == CLAMP_OUT ? weight : unfelt)', '(d == CLAMP_OUT && weight && !unfelt)'),
    ('return in->mode == MODE_RECOVERY && in->position_waived;', 'return in->position_waived;'),
    ('return waived(in) || fits(', 'return fits('),
    ('in->tension_mn >= limits', 'in->tension_mn > limits'),
    ('smaller(limits->speed_um_s[in->mode][d], in', 'smaller(limits->speed_max_um_s[d], in'),
    ('smaller(limits->speed_um_s[in->mode][d], in->speed_cap_um_s[d])', 'limits->speed_um_s[in->mode][d]'),
    ('|| speed_um_s > speed_limit(limits, in, d))', ')'),
    ('mode == MODE_CATCH ?', 'mode != MODE_CATCH ?'),
    ('(int32_t)smaller(faster(limits, d), stop_step(limits, mode, d))', 'stop_step(limits, mode, d)'),
    ('smaller(last_um_s + slower(limits, mode, CLAMP_IN), out)', '(last_um_s + slower(limits, mode, CLAMP_IN))'),
    ('larger(fastest(limits, in, CLAMP_OUT, near), stop)', 'smaller(fastest(limits, in, CLAMP_OUT, near), stop)'),
    ('larger(fastest(limits, in, CLAMP_OUT, near), stop)', 'fastest(limits, in, CLAMP_OUT, near)'),
    ('bool lost = !in->position_ok ||', 'bool lost ='),
    ('in->belaying && !in->tension_ok', '!in->tension_ok && !in->belaying'),
    ('if (blind(in) || (in->state == STATE_STOPPING && !in->follows))', 'if (blind(in))'),
    ('if (blind(in) || (in->state == STATE_STOPPING && !in->follows))',
     'if (in->state == STATE_STOPPING && !in->follows)'),
    ('in->state != STATE_RUNNING && in->state', 'in->state'),
]


JUDGE_BUGS = [
    ('judge.c', 'return in_sight(axis, in) ? EVENT_AXIS_TRIP_1 : EVENT_AXIS_TRIP_0;', 'return EVENT_AXIS_TRIP_1;'),
    ('judge.c', 'return one > other ? one : other;', 'return other;'),
    ('judge.c', 'axis->latched = fault_either(axis->latched, fresh);', 'axis->latched = fresh;'),
    ('judge.c', 'return seen->drive_enabled && standing(limits, in) && torque_proved(limits, in);',
     'return seen->drive_enabled && standing(limits, in);'),
    ('judge.c', 'seen->setpoint_um_s == 0) && standing(limits, in);', 'seen->setpoint_um_s == 0);'),
    ('judge.c', '!seen->brake_open && axis->cycles_in_state >= limits->brake_close_cycles_max;',
     '!seen->brake_open;'),
    ('judge.c', '    if (axis->reaction == STOP_OFF)\n        return EVENT_AXIS_TRIP_0;\n', ''),
    ('judge.c', 'return in->end ? EVENT_AXIS_END : EVENT_AXIS_NOTHING;', 'return EVENT_AXIS_NOTHING;'),
    ('judge.c', 'if (axis->reaction != STOP_NONE)\n        enter(', 'if (false)\n        enter('),
    ('judge.c', 'else if (disarm)', 'else if (false)'),
    ('judge.c', '!disabled(axis->state) || ', ''),
    ('judge.c', '|| !permission', ''),
    ('judge.c', '!in->drive_ok || in->drive_unclear || judge_wants_torque(axis->state) ||', '!in->drive_ok ||'),
    ('judge.c', 'fault_either(in->shared, fault_either(seen,', 'fault_either(seen, fault_either(seen,'),
    ('judge.c',
     'fault_if(in->caught && axis->state == STATE_RUNNING', 'fault_if(in->caught && axis->state == STATE_STOPPING'),
    ('state.c', '{STATE_RUNNING, EVENT_AXIS_END, STATE_STOPPING}', '{STATE_RUNNING, EVENT_AXIS_END, STATE_RUNNING}'),
    ('state.c', '{STATE_ARMED, EVENT_AXIS_RUN, STATE_ENABLING}', '{STATE_ARMED, EVENT_AXIS_ARM, STATE_ENABLING}'),
    ('state.c', '{STATE_STOPPING, EVENT_AXIS_TRIP_0, STATE_FAULT}',
     '{STATE_STOPPING, EVENT_AXIS_TRIP_0, STATE_CLOSING}'),
    ('state.c', '{STATE_OPENING, EVENT_AXIS_TRIP_1, STATE_CLOSING}',
     '{STATE_OPENING, EVENT_AXIS_TRIP_1, STATE_RUNNING}'),
]
# Search: (what else it is linked with, the least number of transitions, bugs).
SEARCHES = {
    'exhaust_clamp.c': ([SAFETY / 'clamp.c'], 100_000_000, [('clamp.c', *bug) for bug in CLAMP_BUGS]),
    'exhaust_judge.c': ([*(SAFETY / f'{name}.c' for name in ('judge', 'monitor', 'travel', 'integer', 'stop', 'state',
                                                             'fault')),
                         ROOT / 'tests/stop_reference.c'], 3_500_000, JUDGE_BUGS),
}
SOURCES, TRANSITIONS_MIN, BUGS = SEARCHES[SEARCH.name]


def compile_c(place, source, options):
    target = pathlib.Path(place, f'{pathlib.Path(source).stem}.o')
    subprocess.run(['cc', '-std=c17', *options, f'-I{ROOT}', '-c', str(source), '-o', str(target)], check=True,
                   capture_output=True, text=True)
    return target


def link(place, name, objects, options):
    program = pathlib.Path(place, name)
    subprocess.run(['cc', *options, *map(str, objects), '-lm', '-o', str(program)], check=True, capture_output=True,
                   text=True)
    return program


def whole_search(program):
    """(exit codes, outputs, seconds) of the search, a part for each processor."""
    parts = os.cpu_count()
    began = time.monotonic()
    running = [subprocess.Popen([str(program), str(part), str(parts)], stdout=subprocess.PIPE, text=True)
               for part in range(parts)]
    outputs = [each.communicate()[0] for each in running]
    return [each.returncode for each in running], outputs, time.monotonic() - began


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check_kernel(program):
    before = processor_seconds()
    codes, outputs, seconds = whole_search(program)
    assert not any(codes), '\n'.join(outputs)
    transitions = sum(int(output.split()[1]) for output in outputs)
    print(f'# {transitions} transitions in {seconds:.1f} s with {len(codes)} processes, '
          f'{processor_seconds() - before:.1f} s of processor time: {transitions / seconds / 1e6:.0f} million a second')
    assert transitions >= TRANSITIONS_MIN, f'{transitions} transitions are fewer than {TRANSITIONS_MIN}'


def check_bug(bug, place, objects):
    file, text, mutant = bug
    original = (SAFETY / file).read_text()
    assert original.count(text) == 1, f'{file} does not hold this text once: {text}'
    broken = pathlib.Path(place, 'broken.c')
    broken.write_text(original.replace(text, mutant))
    changed = {**objects, file: compile_c(place, broken, QUICK)}
    done = subprocess.run([link(place, 'broken', changed.values(), QUICK), '0', '1'], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 1, f'the search does not see it: {done.stdout}'
    print(done.stdout.rstrip())


def checks(place):
    objects = {source.name: compile_c(place, source, FAST) for source in [SEARCH, *SOURCES]}
    program = link(place, 'whole', objects.values(), FAST)
    objects = {source.name: compile_c(place, source, QUICK) for source in [SEARCH, *SOURCES]}
    yield 'every state of everything tiny', lambda: check_kernel(program)
    for bug in BUGS:
        name = ' '.join(f'{bug[0]}: finds "{bug[2]}" for "{bug[1]}"'.split())
        yield name, lambda bug=bug: check_bug(bug, place, objects)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as folder:
        tap.run(checks(folder))
