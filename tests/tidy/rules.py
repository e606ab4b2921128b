"""The tidy rules: what the compiler does not see. Each is a function from the tree to its violations: path, line, what.

A rule is added by writing the function, a line in RULES below, and a planted violation in selftest.py.
"""

import collections
import csv
import pathlib
import re
import subprocess

from tree import within

# ---------------------------------------------------------------------------------------------------------------------
# Rooms: who may include whom. A room may always include itself.

CONTROLLER_ORDER = ['base', 'safety', 'rig', 'image', 'drive', 'motion', 'cue', 'cycle*', 'proof', 'commission', 'wear',
                    'bus', 'record', 'serve', 'main.c']


def rooms():
    """Room -> rooms that it may include. 'controller/cycle*' stands for the files of cycle_step()."""
    table = {'protocol': [], 'console': ['protocol'], 'packaging': []}
    for index, room in enumerate(CONTROLLER_ORDER):
        above = ['controller/' + name for name in CONTROLLER_ORDER[:index]]
        table['controller/' + room] = above + ['protocol']
    for room in ['plant', 'device', 'fault']:
        table['sim/' + room] = ['sim']
    table['sim'] = ['sim']
    table['sim/harness'] = ['sim', 'controller', 'protocol']
    table['sim/cli'] = ['sim', 'controller', 'protocol']
    table['tests'] = ['sim', 'controller', 'protocol', 'console']
    return table


ROOMS = rooms()
# One file's exception from its room's rule, with the reason.
INCLUDE_EXCEPTIONS = {
    ('sim/world_schema.h', 'controller/base/yaml.h'): 'world files are read by the strict reader too',
}
# Libraries that belong to some rooms only: what is in the angle brackets -> where.
LIBRARIES = {
    r'modbus(/modbus.*)?\.h': ['controller/bus', 'tests'],
    r'yaml\.h': ['controller/base', 'tests'],
    r'(gtk/|gdk/|gio/|glib|cairo|pango/).*': ['console', 'tests'],
    r'jansson\.h': ['protocol', 'controller/serve', 'sim', 'tests'],
    r'nettle/.*': ['controller/base'],
}


def room_of(path):
    """The most precise room that holds the path, or None."""
    held = [room for room in ROOMS if within(path, [room])]
    return max(held, key=len) if held else None


def include_direction(tree):
    for path in tree.c_files():
        room = room_of(path)
        for number, line in enumerate(tree.lines(path), 1):
            quoted = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            angled = re.match(r'\s*#\s*include\s+<([^>]+)>', line)
            if room is None and (quoted or angled):
                yield path, number, 'the file is in no room of the table in tests/tidy/rules.py'
            elif quoted:
                named = quoted.group(1)
                if not within(named, [room] + ROOMS[room]) and (path, named) not in INCLUDE_EXCEPTIONS:
                    yield path, number, f'{room} may not include {named}'
            elif angled:
                for library, places in LIBRARIES.items():
                    if re.fullmatch(library, angled.group(1)) and not within(path, places):
                        yield path, number, f'<{angled.group(1)}> belongs to {", ".join(places)} only'


def simulator_is_independent(tree):
    """plant, device and fault are a second reading of the manuals: nothing of the controller, nor through sim.h."""
    for path in tree.c_files():
        if within(path, ['sim/plant', 'sim/device', 'sim/fault', 'sim/sim.h']):
            for number, line in enumerate(tree.lines(path), 1):
                if re.match(r'\s*#\s*include\s+"(controller|protocol|console|sim/harness|sim/cli)/', line):
                    yield path, number, 'the simulated devices know nothing of the controller'


# ---------------------------------------------------------------------------------------------------------------------
# Sizes

FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 120
FILE_LINES_MAX = 800
README_LINES_MAX = 120


def functions(tree, paths):
    """(path, first line, last line, name) of every function, by ctags."""
    if not paths:
        return []
    ctags = ['ctags', '-x', '--languages=C', '--langmap=C:.c.h', '--kinds-C=f', '--_xformat=%F\t%n\t%e\t%N', '-L', '-']
    listing = subprocess.run(ctags, input='\n'.join(paths), cwd=tree.root, check=True, capture_output=True, text=True)
    found = []
    for row in listing.stdout.splitlines():
        path, first, last, name = row.split('\t')
        found.append((path, int(first), int(last), name))
    return found


def function_length(tree):
    for path, first, last, name in functions(tree, tree.c_files()):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield path, first, f'{name}() has {last - first + 1} lines; at most {FUNCTION_LINES_MAX}'


def line_length(tree):
    for path in tree.files:
        if path.endswith(('.c', '.h', '.def', '.py', '.build', '.sh')) or path in ('check', 'rehearse'):
            for number, line in enumerate(tree.lines(path), 1):
                if len(line) > COLUMNS_MAX:
                    yield path, number, f'{len(line)} columns; at most {COLUMNS_MAX}'
                if line != line.rstrip() or '\t' in line:
                    yield path, number, 'a tab, or a space at the end of the line'


def file_length(tree):
    for path in tree.ending('.c', '.h', '.py'):
        count = len(tree.lines(path))
        if count > FILE_LINES_MAX:
            yield path, count, f'{count} lines; at most {FILE_LINES_MAX}'


def readme_length(tree):
    count = len(tree.lines('README.md')) if 'README.md' in tree.files else 0
    if not 0 < count <= README_LINES_MAX:
        yield 'README.md', count, f'{count} lines; at most {README_LINES_MAX}'


# ---------------------------------------------------------------------------------------------------------------------
# Names

# Torque is not among them: here it is always a fraction of the rated one.
PHYSICAL = ('speed|velocity|position|distance|height|length|acceleration|accel|deceleration|decel|jerk|tension|force|'
            'weight|mass|slack|time|timeout|deadline|delay|lag|age|duration|period')
UNITS = ('m|mm|um|m_s|mm_s|um_s|m_s2|um_s2|m_s3|n|mn|kn|n_s|n_m|s|ms|us|ns|kg|g|rpm|rpm_s|hz|rad|rad_s|deg|steps|'
         'steps_s|px|ticks|cycles')
# Dimensionless by nature: the word itself says so.
DIMENSIONLESS = 'ratio|fraction|share|count|index|sign|kind|state|scale|mask|id|present|known'
ENDS_WITH_UNIT = re.compile(rf'.*_({UNITS}|{DIMENSIONLESS})(_max|_min)?(_[0-9a-z])?')
PHYSICAL_NAME = re.compile(rf'(.*_)?({PHYSICAL})(_.*)?')
PIXELS = re.compile(r'height|length') # of a widget
DECLARED = re.compile(r'\b(?:double|float|u?int(?:8|16|32|64)_t|struct snapshot_value)\s+'
                      r'(\*?\w+(?:\[[^\]]*\])?(?:\s*,\s*\*?\w+(?:\[[^\]]*\])?(?=\s*[,;=]))*)')


def unit_suffixes(tree):
    """Members, parameters and variables that hold something physical end in their unit: speed_m_s, tension_n_max."""
    for path in tree.c_files():
        if path.startswith('tests/'):
            continue
        for number, line in enumerate(tree.code_lines(path), 1):
            for declaration in DECLARED.finditer(line):
                if line[declaration.end():].lstrip().startswith('('):
                    continue  # a function
                for name in re.findall(r'\w+', re.sub(r'\[[^\]]*\]', '', declaration.group(1))):
                    if path.startswith('console/') and PIXELS.fullmatch(name):
                        continue
                    if PHYSICAL_NAME.fullmatch(name) and not ENDS_WITH_UNIT.fullmatch(name):
                        yield path, number, f'{name}: no unit at the end of the name'


# Word -> the one to use. Each is a part of an identifier (between underscores).
WORDS = {
    'target': 'setpoint', 'cmd': 'command (or setpoint)', 'demand': 'setpoint', 'fb': 'feedback (or actual)',
    'alarm': 'fault', 'pos': 'position', 'vel': 'speed', 'velocity': 'speed', 'spd': 'speed', 'tens': 'tension',
    'payin': 'takein', 'estopped': 'estop', 'cfg': 'config',
}
# Identifiers of libraries, and of the standard that a device answers by.
FOREIGN = re.compile(r'(g|gtk|gdk|cairo|pango|atk|modbus|json|yaml|cr)_\w+|G[a-z]\w+|(G|GTK|GDK|YAML|MODBUS)_\w+|'
                     r'pos_um\w*|EPOLL\w*')


def one_word_for_one_thing(tree):
    for path in tree.c_files():
        for number, line in enumerate(tree.code_lines(path), 1):
            if line.lstrip().startswith('#'):
                continue
            for name in re.findall(r'[A-Za-z_]\w*', line):
                if FOREIGN.fullmatch(name):
                    continue
                for part in name.lower().split('_'):
                    if part in WORDS:
                        yield path, number, f'{name}: say {WORDS[part]}'


UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
ELSEWHERE = re.compile(r'/wo' r'rk/|\.\./sha' r'red|\bsha' r'red/(design|reference|hardware|scenarios)|'
                       r'/ro' r'ot/|/ho' r'me/\w')


def no_unfinished_work(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            if UNFINISHED.search(line):
                yield path, number, f'"{UNFINISHED.search(line).group(0)}": do it or write it down in an issue'


def no_path_of_one_machine(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            if ELSEWHERE.search(line):
                yield path, number, f'"{ELSEWHERE.search(line).group(0)}" is a path of one machine'


# ---------------------------------------------------------------------------------------------------------------------
# What the cycle must not do, and who may know the time

CLOCK_CALL = re.compile(r'\b(clock_gettime|gettimeofday|timespec_get|time|clock|clock_now_us|clock_sleep_until_us|'
                        r'clock_nanosleep|nanosleep|usleep|sleep|g_get_monotonic_time|g_get_real_time|'
                        r'localtime|localtime_r|gmtime|gmtime_r)\s*\(')
CLOCK_PLACES = ['controller/base/clock.c', 'controller/base/clock.h', 'controller/main.c', 'controller/bus/worker.c',
                'controller/serve', 'controller/record', 'console', 'protocol', 'sim/cli', 'sim/server*', 'sim/main.c',
                'tests']


def clocks_only_where_allowed(tree):
    """Time is passed in. Only main, bus workers, serve and the edges read a clock."""
    for path in tree.c_files():
        if within(path, CLOCK_PLACES):
            continue
        for number, line in enumerate(tree.code_lines(path), 1):
            call = CLOCK_CALL.search(line)
            if call:
                yield path, number, f'{call.group(1)}() here: time is passed in'


CYCLE_PLACES = ['controller/image', 'controller/drive', 'controller/motion', 'controller/safety', 'controller/cycle*',
                'controller/base/spsc.c', 'controller/base/tbuf.c']
CYCLE_BANS = re.compile(r'\b(malloc|calloc|realloc|reallocarray|aligned_alloc|free|strdup|strndup|asprintf|vasprintf|'
                        r'alloca|printf|fprintf|fputs|puts|fopen|fread|fwrite|open|read|write|ioctl|'
                        r'pthread_\w+|sem_\w+|mtx_\w+|rand|srand|random|getenv)\s*\(')


def nothing_slow_in_the_cycle(tree):
    for path in tree.c_files():
        if within(path, CYCLE_PLACES):
            for number, line in enumerate(tree.code_lines(path), 1):
                call = CYCLE_BANS.search(line)
                if call:
                    yield path, number, f'{call.group(1)}() in a room that the cycle runs through'


# ---------------------------------------------------------------------------------------------------------------------
# Documentation and dead files

# Places that a tool looks in by itself.
KNOWN_TO_TOOLS = ['packaging/debian', '.ci']
GROUP_MAX = 3  # prototypes that may share the comment above them


PROTOTYPE = re.compile(r'(?!typedef\b|return\b|static\b|_Static_assert)[A-Za-z_]\w*[\s\*]+(\w+[\s\*]+)*\w+\s*\(')


def prototypes(tree, path):
    """First and last line number of each function prototype of a header, from 1."""
    first = None
    depth = 0
    for number, line in enumerate(tree.code_lines(path), 1):
        text = line.strip()
        if depth == 0 and first is None and PROTOTYPE.match(line):
            first = number
        if first is not None and text.endswith(';'):
            yield first, number
            first = None
        elif first is not None and text.endswith('{'):
            first = None
        depth += text.count('{') - text.count('}')


def public_prototypes_documented(tree):
    """Each prototype has a comment directly above, or belongs to a group of at most three that does.

    NAME_parts.h is private to the files NAME_*.c, and free.
    """
    for path in tree.ending('.h'):
        if path.startswith('tests/') or path.endswith('_parts.h'):
            continue
        lines = tree.lines(path)
        last_documented = None
        group = 0
        for first, last in prototypes(tree, path):
            above = lines[first - 2].strip() if first > 1 else ''
            if above.endswith('*/'):
                group = 1
            elif last_documented == first - 1 and group < GROUP_MAX:
                group += 1
            else:
                yield path, first, 'no comment directly above this prototype'
                continue
            last_documented = last


def c_files_say_what_they_do(tree):
    for path in tree.c_files():
        if not tree.text(path).startswith('/*'):
            yield path, 1, 'the file does not start with a comment that says what it does'


def no_dead_files(tree):
    """A source is named by a meson.build, a header is included, anything else is mentioned by some other file."""
    meson = {path: tree.text(path) for path in tree.files if path.endswith('meson.build')}
    mentions = collections.Counter()
    for path in tree.files:
        # A path in a text counts for its file; a file does not keep itself alive.
        own = pathlib.PurePosixPath(path).name
        mentions.update({word for word in re.findall(r'[\w.-]+', tree.text(path)) if word.rstrip('.') != own})
    for path in tree.files:
        pure = pathlib.PurePosixPath(path)
        if path.endswith('.c'):
            folders = [parent.as_posix() for parent in pure.parents]
            near = ''.join(meson.get(f'{folder}/meson.build'.removeprefix('./'), '') for folder in folders)
            if not re.search(rf"'([\w/.-]*/)?{re.escape(pure.stem)}(\.c)?'", near):
                yield path, 1, 'no meson.build builds it'
        elif path.endswith(('.h', '.def')):
            pattern = f'#include "{path}"'
            if not any(pattern in tree.text(other) for other in tree.files if other != path):
                yield path, 1, 'nobody includes it'
        elif len(pure.parts) == 1 or pure.name in ('meson.build', 'README.md') or within(path, KNOWN_TO_TOOLS):
            continue
        elif not mentions[pure.name] and not mentions[pure.stem]:
            yield path, 1, 'no file mentions it'


def pages_named_exist(tree):
    """A docs page that a text names, and a relative link of a page, lead somewhere."""
    known = set(tree.files)
    folders = {parent.as_posix() for path in tree.files for parent in pathlib.PurePosixPath(path).parents}
    for path in tree.files:
        here = pathlib.PurePosixPath(path).parent
        for number, line in enumerate(tree.lines(path), 1):
            for named in re.findall(r'\bdocs/[\w/.-]+\.md\b', line):
                if named not in known and not path.startswith('tests/tidy/'):
                    yield path, number, f'{named} does not exist'
            if path.endswith('.md'):
                for link in re.findall(r'\]\(([^)#:\s]+)(?:#[^)]*)?\)', line):
                    goal = pathlib.PurePosixPath(*normal(here / link)).as_posix()
                    if goal not in known and goal not in folders:
                        yield path, number, f'the link {link} leads nowhere'


# ---------------------------------------------------------------------------------------------------------------------
# Hazards

FAULTS = 'controller/safety/fault.def'
HAZARDS = 'docs/hazards.csv'
CONCEPT = 'docs/safety-concept.md'
HAZARD_COLUMNS = ['hazard', 'cause', 'fault', 'reaction', 'test', 'owed']
# What a row may owe, and to what: "motion: group deviation".
OWED_TO = ['bus', 'commissioning', 'cue', 'hardware', 'motion', 'record', 'rig']


def test_exists(tree, named):
    """`suite-name`, or `suite-name/case` where the case is a Criterion test or a property of the Spin model."""
    name, _, case = named.partition('/')
    suite, _, stem = name.partition('-')
    meson = tree.text(f'tests/{suite}/meson.build') if f'tests/{suite}/meson.build' in tree.files else ''
    tidy = tree.text('tests/tidy/meson.build') if 'tests/tidy/meson.build' in tree.files else ''
    if f"'{stem}'" not in meson and f"'{name}'" not in meson + tidy:
        return False
    source = f'tests/{suite}/{stem}.c'
    if case and name == 'model-spin':
        return f'ltl {case} ' in tree.text('tests/model/spin/machine.pml')
    return not case or (source in tree.files and re.search(rf'^Test\(\w+, {case}\b', tree.text(source), re.M))


def hazards_are_covered(tree):
    """Every fault has a row, every row a known fault and a test that exists; what is missing is owed to somebody."""
    faults = set(re.findall(r'^FAULT\(\w+, "(\w+)"', tree.text(FAULTS), re.M)) if FAULTS in tree.files else set()
    rows = list(csv.reader(tree.lines(HAZARDS))) if HAZARDS in tree.files else []
    if rows[:1] != [HAZARD_COLUMNS]:
        yield HAZARDS, 1, f'the first line is not {",".join(HAZARD_COLUMNS)}'
        return
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(HAZARD_COLUMNS):
            yield HAZARDS, number, f'{len(row)} fields'
            return
        if not all(row[:4]) or not any(row[4:]):
            yield HAZARDS, number, 'an empty or missing field; a row without a test owes one'
            continue
        if row[2] not in faults:
            yield HAZARDS, number, f'{row[2]} is no fault'
        if row[4] and not test_exists(tree, row[4]):
            yield HAZARDS, number, f'there is no test {row[4]}'
        for part in filter(None, row[5].split('; ')):
            if part.partition(':')[0] not in OWED_TO:
                yield HAZARDS, number, f'"{part}" is owed to none of {", ".join(OWED_TO)}'
    owed = collections.Counter(part.partition(':')[0] for row in rows[1:] for part in row[-1].split('; ') if part)
    told = (f'Of {len(rows) - 1} rows, {sum(bool(row[-1]) for row in rows[1:])} owe something, '
            f'{sum(not row[-2] for row in rows[1:])} of them everything: '
            + ', '.join(f'{name} {count}' for name, count in sorted(owed.items())) + '.')
    if CONCEPT in tree.files and told not in tree.text(CONCEPT):
        yield CONCEPT, 1, f'does not say "{told}"'
    for fault in sorted(faults - {row[2] for row in rows[1:] if len(row) > 2}):
        yield HAZARDS, 1, f'no row for the fault {fault}'


def normal(path):
    """The parts of a path without '.' and '..'."""
    parts = []
    for part in path.parts:
        if part == '..' and parts:
            parts.pop()
        elif part != '.':
            parts.append(part)
    return parts


RULES = {
    'include direction between rooms': include_direction,
    'the simulated devices are independent': simulator_is_independent,
    'function length': function_length,
    'line length and white space': line_length,
    'file length': file_length,
    'README length': readme_length,
    'unit suffixes': unit_suffixes,
    'one word for one thing': one_word_for_one_thing,
    'no unfinished work': no_unfinished_work,
    'no path of one machine': no_path_of_one_machine,
    'clocks only where allowed': clocks_only_where_allowed,
    'nothing slow in the cycle': nothing_slow_in_the_cycle,
    'public prototypes documented': public_prototypes_documented,
    'C files say what they do': c_files_say_what_they_do,
    'no dead files': no_dead_files,
    'pages named exist': pages_named_exist,
    'hazards are covered': hazards_are_covered,
}
