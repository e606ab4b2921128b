"""Model check of the machine around the kernel: tests/model/spin/machine.pml, by Spin.

`spin.py TABLE`: one TAP line a property, which must hold in every reachable state; one for each thing that must be
possible, or the properties would hold for want of motion; one for each mutant of the model, which a named property must
find. TABLE is the program that prints the state table of controller/safety as Promela. `spin.py TABLE --exhaustive`:
the larger sizes; minutes.
"""

import pathlib
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

MODEL = HERE / 'spin/machine.pml'
SECONDS_MAX = 60  # of the processor, for one search
MEGABYTES_MAX = 1000
DEPTH_MAX = 1000000  # the default of 10,000 would cut the search short
HASH_BITS = 20  # 189,000 states; the default's 128 MB take longer to clear than a short search takes
MUTANT_DEPTHS = [60, DEPTH_MAX]  # what is found is found: most mistakes show within few steps
LARGE_SECONDS_MAX = 1200
PATIENCE = 20  # times that, by the wall clock: the machine may be busy
LARGE_MEGABYTES_MAX = 6000
LARGE_HASH_BITS = 26  # millions of states
SIZES = {
    'both at once': ['-DLARGE'],
    'long lease': ['-DLEASE=3', '-DWATCHDOG=2'],
    'two winches': ['-DAXES=2'],
}

# (what a tired programmer might write, text, mutated text, the property that finds it)
MUTANTS = [
    ('an E-stop does not end running', 'at == RUNNING && event == EVENT_TRIP_1 -> at = STOPPING',
     'at == RUNNING && event == EVENT_TRIP_1 -> at = RUNNING', 'estop_same_cycle'),
    ('category 0 ramps', 'at == RUNNING && event == EVENT_TRIP_0 -> at = FAULT',
     'at == RUNNING && event == EVENT_TRIP_0 -> at = STOPPING', 'unheld_bounded'),
    ('a reset is taken while the drum turns', 'DISABLED(i) && STANDING(i) &&', 'DISABLED(i) &&',
     'reset_stands'),
    ('a reset is taken in the cycle of the fault', 'STANDING(i) && QUIET(i))', 'STANDING(i))', 'reset_answered'),
    ('a reset arms', 'give(i, EVENT_RESET);\n    give(i, EVENT_DISARM)',
     'give(i, EVENT_RESET);\n    give(i, EVENT_ARM)', 'reset_is_not_arm'),
    ('a GO opens the brake before the drive holds', 'at == ARMED && event == EVENT_RUN -> at = ENABLING',
     'at == ARMED && event == EVENT_RUN -> at = OPENING', 'brake_needs_torque'),
    ('the end of motion closes the brake at once', 'at == RUNNING && event == EVENT_END -> at = STOPPING',
     'at == RUNNING && event == EVENT_END -> at = CLOSING', 'brake_stands_first'),
    ('torque is given up before the brake closes', 'at == STOPPING && event == EVENT_DONE -> at = CLOSING',
     'at == STOPPING && event == EVENT_DONE -> at = RELEASING', 'brake_before_release'),
    ('the table arms at a GO', 'at == DISARMED && event == EVENT_ARM -> at = ARMED',
     'at == DISARMED && event == EVENT_ARM -> at = ENABLING', 'arm_is_not_go'),
    ('the chain is not looked at', ':: !io_silent && estop_open -> causes = causes | ESTOPPED',
     ':: !io_silent && estop_open -> skip', 'estop_same_cycle'),
    ('the E-stop only begins to stop', ':: fresh > 0 && fresh < LOST -> give(i, EVENT_TRIP_1)',
     ':: fresh > 0 && fresh < LOST && axis[i].state != OPENING -> give(i, EVENT_TRIP_1)', 'estop_same_cycle'),
    ('the chain does not take the torque', 'open_cycles > OFF_DELAY) || world[i].tripped',
     'world[i].tripped)', 'estop_torque'),
    ('the drive has no watchdog', '(world[i].watchdog > WATCHDOG -> QUICK_STOP : RUN)', 'RUN', 'watchdog_stops'),
    ('the I/O block has no watchdog', 'open_cycles > OFF_DELAY || io_watchdog > WATCHDOG -> false',
     'open_cycles > OFF_DELAY -> false', 'dead_comes_to_rest'),
    ('the lease never expires', ':: permitted && lease == 0 -> kill()', ':: permitted && lease == 0 -> skip',
     'lease_bounded'),
    ('a console that hangs renews', ':: hold[who] && !hung[who] && (!permitted', ':: hold[who] && (!permitted',
     'lease_bounded'),
    ('a new press takes the motion over', '    axis[0].held = false;\n    axis[LAST].held = false\n', '    skip\n',
     'never_inherited'),
    ('STOP leaves the permission', ':: command == STOP -> bury_waiting(); kill(); end_motions()',
     ':: command == STOP -> skip', 'stop_in_its_cycle'),
    ('a stop does not use the press up', ':: permitted && !outdated -> used[owner] = true',
     ':: permitted -> skip', 'new_press'),
    ('arming keeps the press', '#else\n       kill()\n#endif', '#else\n       skip\n#endif', 'new_press'),
    ('anybody may renew', '(!permitted || (owner == who && !outdated)) && !used[who]', '!used[who]',
     'never_inherited'),
    ('a GO needs no permission of its own', 'permitted && owner == who && !outdated && !used[who] &&\n',
     'permitted &&\n', 'never_inherited'),
    ('a reset looks at nothing', ':: !estop_open && ALL_CLEAR ->', ':: DISABLED(0) ->', 'estop_never_reset_open'),
    ('a reset looks at the chain alone', ':: !estop_open && ALL_CLEAR ->', ':: !estop_open && DISABLED(0) ->',
     'latched_reset_only'),
    ('a fault goes when its cause goes', 'axis[i].latched = axis[i].latched | fresh',
     'axis[i].latched = causes', 'latched_reset_only'),
    ('the setpoint outlives the permission', ':: axis[i].state == RUNNING && axis[i].held && !axis[i].finished ->',
     ':: axis[i].state == RUNNING ->', 'stop_in_its_cycle'),
    ('the stop does not ramp', '(before > 0 -> before - 1 : 0)', 'before', 'never_inherited'),
    ('the stop has no time limit', 'axis[i].cycles > STOP_CYCLES ->', 'false ->', 'stop_bounded'),
    ('the brake does not wait for standstill', 'axis[i].setpoint == 0 && STANDING(i))', 'axis[i].setpoint == 0)',
     'brake_stands_first'),
    ('torque is given up without the feedback', '!io_silent && !world[i].brake_open && axis[i].cycles >=',
     'axis[i].cycles + 1 >=', 'brake_before_release'),
    ('a link that came back is forgotten', ':: !world[i].silent && world[i].relinked -> causes = causes | LOST',
     ':: !world[i].silent && world[i].relinked -> skip', 'nothing_resumes'),
    ('a restart is armed', 'axis[i].state = DISARMED; axis[i].cycles = 0', 'axis[i].state = ARMED; axis[i].cycles = 0',
     'armed_by_arm'),
    ('a restart goes on', 'axis[i].state = DISARMED; axis[i].cycles = 0', 'axis[i].cycles = 0', 'armed_by_arm'),
    ('a reading is not judged', ':: world[i].pull -> causes = causes | BIT(CATEGORY_OVERTENSION, GENTLE)',
     ':: world[i].pull -> skip', 'drives_only_clear'),
    ('a suspect drive keeps its torque', '&& axis[i].latched < HARD -> QUICK_STOP : COAST)', '-> QUICK_STOP : COAST)',
     'category_0_torque'),
    ('a latched axis goes back to armed', ':: axis[i].state == ARMED && axis[i].latched -> give(i, EVENT_TRIP_1)',
     ':: false -> skip', 'latched_never_armed'),
    ('DISARM does not stop', 'inline disarm_all() {\n    bury_waiting();\n    kill();\n    end_motions();',
     'inline disarm_all() {', 'stop_in_its_cycle'),
    ('belayd keeps torque after an E-stop', ':: at == CLOSING && event == EVENT_DONE -> at = RELEASING\n', '',
     'estop_software'),
]


def properties():
    """Name -> expression of those that hold always, and names of the others."""
    text = MODEL.read_text()
    always = dict(re.findall(r'^ltl (\w+) \{\s*\[\] (.*?) \}$', text, re.M | re.S))
    every = re.findall(r'^ltl (\w+)', text, re.M)
    reached = [name for name in every if name.startswith('reach_')]
    return ({name: text for name, text in always.items() if name not in reached},
            [name for name in every if name not in always], reached)


def run(command, folder, seconds):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds * PATIENCE, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert used <= seconds, f'{used:.0f} s of the processor; at most {seconds}: {command}'
    return done.stdout + done.stderr


class Model:
    """One built searcher in a folder of its own."""

    def __init__(self, table, folder, sizes=(), mutate=None, megabytes=MEGABYTES_MAX, bits=HASH_BITS):
        self.folder = pathlib.Path(folder)
        self.bits = bits
        self.folder.mkdir()
        texts = {'table.pml': table, 'machine.pml': MODEL.read_text()}
        if mutate:
            old, new = mutate
            assert sum(text.count(old) for text in texts.values()) == 1, f'the model does not hold this once: {old}'
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        always, _, _ = properties()
        texts['machine.pml'] += 'ltl everything { [] (' + ' && '.join(f'({text})' for text in always.values()) + ') }\n'
        for name, text in texts.items():
            (self.folder / name).write_text(text)
        words = run(['spin', *sizes, '-a', 'machine.pml'], folder, SECONDS_MAX)
        assert (self.folder / 'pan.c').exists(), words
        # A mutant's search is short, so its compiler is a quick one.
        words = run([*(['tcc'] if mutate else ['gcc', '-O2']), '-w', '-DCOLLAPSE', f'-DMEMLIM={megabytes}', '-o', 'pan',
                     'pan.c'], folder, SECONDS_MAX)
        assert (self.folder / 'pan').exists(), words

    def search(self, name, seconds=SECONDS_MAX, depth=DEPTH_MAX):
        """(holds, the searcher's words). Fails when the search was cut short, unless by a smaller depth on purpose."""
        words = run(['./pan', '-a', f'-m{depth}', f'-w{self.bits}', '-N', name], self.folder, seconds)
        counted = re.search(r'errors: (\d+)', words)
        assert counted, words
        if depth == DEPTH_MAX and counted.group(1) == '0':
            assert 'max search depth too small' not in words and 'out of memory' not in words and \
                'Search not completed' not in words, words
        return counted.group(1) == '0', words

    def figures(self, words):
        states = re.search(r'(\d+) states, stored', words).group(1)
        used = re.search(r'([\d.]+)\ttotal actual memory usage', words).group(1)
        return f'{states} states, {used} MB'


def check_holds(model, name, seconds=SECONDS_MAX):
    holds, words = model.search(name, seconds)
    assert holds, f'{name} is violated (spin -t shows the way)\n{words}'
    print(f'# {name}: {model.figures(words)}')


def check_reached(model, name):
    holds, _ = model.search(name)
    assert not holds, f'{name}: never happens, so the properties say nothing'


def check_mutant(table, folder, mutant):
    what, old, new, name = mutant
    model = Model(table, folder, mutate=(old, new))
    found = any(not model.search(name, depth=depth)[0] for depth in MUTANT_DEPTHS)
    assert found, f'"{what}" is not found by {name}'


def check_every_property_is_broken():
    always, others, _ = properties()
    broken = {mutant[3] for mutant in MUTANTS}
    assert set(always) | set(others) == broken, (set(always) | set(others)) ^ broken
    assert len(MUTANTS) >= 25


def checks(table, folder):
    always, others, reached = properties()
    model = Model(table, folder / 'model')
    # One search for all that hold always: the first that is violated is then looked for by itself.
    whole, words = model.search('everything')
    print(f'# {len(always)} properties in one search: {model.figures(words)}')
    for name in always:
        yield f'{name} holds', lambda name=name: whole or check_holds(model, name)
    for name in others:
        yield f'{name} holds', lambda name=name: check_holds(model, name)
    for name in reached:
        yield f'{name}: can happen', lambda name=name: check_reached(model, name)
    yield 'every property is broken by a mutant', check_every_property_is_broken
    for number, mutant in enumerate(MUTANTS):
        yield (f'found: {mutant[0]}',
               lambda mutant=mutant, number=number: check_mutant(table, folder / f'mutant-{number}', mutant))


def exhaustive(table, folder):
    always, others, _ = properties()
    for number, (size, defines) in enumerate(SIZES.items()):
        model = Model(table, folder / f'size-{number}', defines, None, LARGE_MEGABYTES_MAX, LARGE_HASH_BITS)
        for name in ['everything', *others]:
            what = f'the {len(always)} properties of a moment hold' if name == 'everything' else f'{name} holds'
            yield f'{size}: {what}', lambda model=model, name=name: check_holds(model, name, LARGE_SECONDS_MAX)


if __name__ == '__main__':
    printed = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory() as place:
        wanted = exhaustive if sys.argv[2:] == ['--exhaustive'] else checks
        tap.run(wanted(printed, pathlib.Path(place)))
