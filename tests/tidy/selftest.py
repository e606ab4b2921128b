"""Proves that each tidy rule can fail: a small clean tree passes all, and each planted violation is found."""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'scripts')]

import rules  # noqa: E402
import tap  # noqa: E402
from tree import Tree  # noqa: E402

CLEAN = {
    'README.md': '# Clean\n\nSee [the map](docs/map.md), docs/map.md and docs/hazards.csv too.\n',
    'docs/map.md': 'Back to [the start](../README.md).\n',
    'controller/motion/meson.build': "static_library('motion', 'ramp.c')\n",
    'controller/motion/ramp.h': '/* Ramps. */\n#include "controller/rig/rig.h"\n\n'
                                'struct ramp {\n    double speed_m_s_max, share;\n};\n\n'
                                '/* The next speed. Pure. */\ndouble ramp_next(const struct ramp *ramp,\n'
                                '                 double dt_s);\n'
                                '/* And back. */\nvoid ramp_a(void);\nvoid ramp_b(void);\n',
    'controller/motion/ramp.c': '/* Ramps: time() and malloc() only in this comment. */\n'
                                '#include "controller/motion/ramp.h"\n',
    'controller/rig/rig.h': '/* The rig. */\n#include "controller/base/clock.h"\n#include "controller/rig/rig.def"\n',
    'controller/base/clock.h': '/* The clock. */\n#include <stdint.h>\n',
    'controller/rig/rig.def': '/* A table. */\n',
    'controller/base/clock.c': '/* The clock. */\nint64_t clock_now_us(void) { return clock_gettime(1, 0); }\n',
    'controller/safety/fault.def': '/* Faults. */\nFAULT(ESTOP, "estop", RAMP)\n',
    'controller/safety/fault.h': '/* Faults. */\n#include "controller/safety/fault.def"\n',
    'controller/safety/fault.c': '/* Faults. */\n#include "controller/safety/fault.h"\n',
    'controller/safety/meson.build': "static_library('safety', 'fault.c')\n",
    'tests/unit/judge.c': '/* Judge. */\nTest(judge, stops) {\n}\n',
    'tests/unit/meson.build': "unit_tests = {'judge': []}\n",
    'docs/hazards.csv': 'hazard,cause,fault,reaction,test,owed\nH,C,estop,R,unit-judge/stops,cue: a\n',
    'controller/base/meson.build': "static_library('base', 'clock.c')\n",
}

MOTION = 'controller/motion/ramp.c'
SOURCE = CLEAN[MOTION]
HEADER = CLEAN['controller/motion/ramp.h']
HAZARD = CLEAN['docs/hazards.csv']
LONG = '/* Long. */\nint f(void) {\n' + '    g();\n' * 69 + '}\n'

# Rule -> plants: (path, text, what the violation says).
PLANTS = {
    'include direction between rooms': [
        (MOTION, SOURCE + '#include "controller/cue/show.h"\n', 'may not include controller/cue/show.h'),
        ('controller/safety/a.c', '/* A. */\n#include "controller/rig/rig.h"\n', 'controller/safety may not include'),
        (MOTION, SOURCE + '#include "sim/sim.h"\n', 'may not include sim/sim.h'),
        (MOTION, SOURCE + '#include <modbus.h>\n', '<modbus.h> belongs to'),
        ('protocol/a.c', '/* A. */\n#include "controller/base/clock.h"\n', 'protocol may not include'),
        ('console/a.c', '/* A. */\n#include "controller/cycle.h"\n', 'console may not include'),
        ('controller/cycle_a.c', '/* A. */\n#include "controller/serve/serve.h"\n', 'may not include controller/serve'),
        ('attic/a.c', '/* A. */\n#include "controller/cycle.h"\n', 'in no room'),
        ('sim/plant/a.c', '/* A. */\n#include "controller/rig/rig.h"\n', 'sim/plant may not include'),
    ],
    'the simulated devices are independent': [
        ('sim/sim.h', '/* A. */\n#include "controller/rig/rig.h"\n', 'know nothing of the controller'),
        ('sim/device/a.c', '/* A. */\n#include "protocol/codec.h"\n', 'know nothing of the controller'),
    ],
    'function length': [(MOTION, LONG, 'f() has 71 lines')],
    'line length and white space': [
        (MOTION, SOURCE + '/* ' + 'x' * 115 + ' */\n', '121 columns'),
        (MOTION, SOURCE + 'int a; \n', 'a space at the end'),
        ('check', '\techo\n', 'a tab'),
    ],
    'file length': [(MOTION, SOURCE + '\n' * 799, '801 lines')],
    'README length': [('README.md', '\n' * 121, '121 lines')],
    'unit suffixes': [
        (MOTION, SOURCE + 'struct s { double speed; };\n', 'speed: no unit'),
        (MOTION, SOURCE + 'void f(double share, double tension_max);\n', 'tension_max: no unit'),
        (MOTION, SOURCE + 'struct s { int64_t stale_time; };\n', 'stale_time: no unit'),
        (MOTION, SOURCE + 'struct s { double a_m, rope_length[4]; };\n', 'rope_length: no unit'),
    ],
    'one word for one thing': [
        (MOTION, SOURCE + 'double speed_target_m_s;\n', 'say setpoint'),
        (MOTION, SOURCE + 'int raise_alarm(void);\n', 'say fault'),
    ],
    'no unfinished work': [('docs/map.md', 'TO' 'DO: a map\n', 'do it')],
    'no path of one machine': [
        ('docs/map.md', 'see /wo' 'rk/main\n', 'one machine'),
        ('check', 'ls /ho' 'me/x\n', 'one machine'),
    ],
    'clocks only where allowed': [
        (MOTION, SOURCE + 'int64_t f(void) { return clock_now_us(); }\n', 'clock_now_us() here'),
        ('sim/plant/a.c', '/* A. */\nint f(void) { return (int)time(NULL); }\n', 'time() here'),
    ],
    'nothing slow in the cycle': [
        (MOTION, SOURCE + 'void *f(void) { return malloc(1); }\n', 'malloc()'),
        ('controller/cycle.c', '/* A. */\nvoid f(void) { pthread_mutex_lock(&m); }\n', 'pthread_mutex_lock()'),
    ],
    'public prototypes documented': [
        ('controller/motion/ramp.h', HEADER + '\nint ramp_c(int a,\n           int b);\n', 'no comment'),
        ('controller/motion/ramp.h', HEADER + 'void ramp_c(void);\nvoid ramp_d(void);\n', 'no comment'),
    ],
    'C files say what they do': [(MOTION, '#include "controller/motion/ramp.h"\n', 'does not start with a comment')],
    'no dead files': [
        ('controller/motion/forgotten.c', SOURCE, 'no meson.build builds it'),
        ('controller/motion/forgotten.h', HEADER, 'nobody includes it'),
        ('tests/data/forgotten.yaml', 'a: 1\n', 'no file mentions it'),
    ],
    'hazards are covered': [
        ('docs/safety-concept.md', 'Of 2 rows, 1 owe something.\n', 'does not say "Of 1 rows, 1 owe something'),
        ('docs/hazards.csv', HAZARD + 'H,C\n', '2 fields'),
        ('docs/hazards.csv', 'hazard,cause,fault,reaction,test,owed\n', 'no row for the fault estop'),
        ('docs/hazards.csv', 'hazard,cause\n', 'the first line is not'),
        ('docs/hazards.csv', HAZARD + 'H,C,estop,R,,\n', 'a row without a test owes one'),
        ('docs/hazards.csv', HAZARD + 'H,C,fire,R,unit-judge,\n', 'fire is no fault'),
        ('docs/hazards.csv', HAZARD + 'H,C,estop,R,unit-gone,\n', 'there is no test unit-gone'),
        ('docs/hazards.csv', HAZARD + 'H,C,estop,R,unit-judge/gone,\n', 'there is no test unit-judge/gone'),
        ('docs/hazards.csv', HAZARD + 'H,C,estop,R,unit-judge,nobody: a\n', 'is owed to none of'),
    ],
    'pages named exist': [
        ('docs/map.md', '[away](gone.md)\n', 'leads nowhere'),
        (MOTION, SOURCE + '/* docs/gone.md */\n', 'does not exist'),
    ],
}


def plant(files, rule):
    """What `rule` finds in a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            place = pathlib.Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding='utf-8')
        return [f'{path}:{line}: {what}' for path, line, what in rules.RULES[rule](Tree(folder))]


def check_clean(rule):
    found = plant(CLEAN, rule)
    assert not found, '\n'.join(found)


def check_plant(rule, path, text, expected):
    found = plant({**CLEAN, path: text}, rule)
    assert any(line.startswith(f'{path}:') and expected in line for line in found), f'not found; only: {found}'


def check_every_rule_has_a_plant():
    assert set(PLANTS) == set(rules.RULES), set(PLANTS) ^ set(rules.RULES)


def checks():
    yield 'every rule has a planted violation', check_every_rule_has_a_plant
    for rule in rules.RULES:
        yield f'{rule}: passes a clean tree', lambda rule=rule: check_clean(rule)
        for path, text, expected in PLANTS[rule]:
            yield (f'{rule}: finds "{expected}" in {path}',
                   lambda rule=rule, path=path, text=text, expected=expected: check_plant(rule, path, text, expected))


if __name__ == '__main__':
    tap.run(checks())
