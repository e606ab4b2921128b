"""Machine proof of controller/safety: every contract there, and the absence of overflow and bad access, by Frama-C WP;
and of braking.c, which puts the clamp's contracts together to a ramp that ends in time.

`prove.py FILE...`: two TAP lines for each C file of controller/safety that carries contracts, and for each FILE: that
all is proved, and by smoke tests that what each function of the header requires can be met. All that runs is called
from there, and what is proved of a function that can be called can't contradict itself: so no more is asked here of the
functions within, of calls and of loops.
`prove.py --refusals`: one for each planted bug of MUTANTS, which the proof must refuse: a proof that cannot fail says
nothing. At least one of each file and each kind, and a contradiction.
`prove.py --all`: all of that, more planted bugs, smoke tests of each call, loop and branch: that no contract shuts
it; and the proofs once more with WP's own driver for the prover. Long, so it is a target of its own: `ninja prove`.
`--only NAME`: the files of APART have tests of their own, to run beside the others.
What is proved is the contract, under its `requires`, of the C text; not the compiler.
"""

import argparse
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / 'scripts'))

import tap  # noqa: E402

GOAL_SECONDS = 20
FIRST_SECONDS = 4
# WP has no name for smoke tests alone: other goals are left out. Without those of branches, it makes none for a
# function of which it makes no other goal, so what a function assigns stays.
SMOKE_ONLY = '-@ensures,-@requires,-@assert,-@invariant,-@variant,-@loop,-@lemma'
SMOKE_ALL = [f'-wp-prop={SMOKE_ONLY},-@assigns,-@exits,-@terminates']
SMOKE_REQUIRES = [f'-wp-prop={SMOKE_ONLY}', *(f'-wp-no-smoke-dead-{what}' for what in ('code', 'call', 'loop'))]
MUTANT_STEPS = 200000
MUTANT_SECONDS = 120  # no more than a guard: the steps are to end first
SMOKE_STEPS = 30000  # of the prover, in which it finds what it proves at all
SMOKE_SECONDS = 60  # no more than a guard, as above
LEMMAS = '@lemma'  # instead of a function's name
# A pointer that is only looked through is taken for the value behind it. What that stands on (valid, and apart from
# each other and from what is global) becomes part of each contract, and so is proved where the kernel calls itself.
MODEL = ('-wp-model', 'Typed+Caveat', '-wp-check-memory-model')
# Simplifications that cost more than they spare the prover here.
PLAIN = ('-wp-no-ground', '-wp-no-pruning')
# One for each processor would leave them idle: WP looks for answers now and then only.
PROVERS_AT_ONCE = 8
APART = ('clamp.c', 'judge.c', 'monitor.c')
# (file, function, text, what a tired programmer might write, clause): it must leave a goal of the clause unproved, and
# in as many steps all its goals are proved of the code as it is. A clause is a name in the contract, or a kind of them.
MUTANTS = [
    ('clamp.c', 'slows', 'distance_um - run_um)', 'distance_um)', '@ensures'),
    ('clamp.c', 'speed_limit', 'smaller(limits->speed_um_s[in->mode][d], in->speed_cap_um_s[d])',
     'limits->speed_um_s[in->mode][d]', '@ensures'),
    ('clamp.c', 'held', 'if (clamp_allows(limits, in, near))', 'if (true)', 'held'),
    ('clamp.c', 'followed', 'bounded(wanted_um_s, stop, last)', 'larger(wanted_um_s, stop)', 'never_rising'),
    ('state.c', 'state_next', '{STATE_RUNNING, EVENT_AXIS_TRIP_0, STATE_FAULT}',
     '{STATE_RUNNING, EVENT_AXIS_TRIP_0, STATE_STOPPING}', 'torque_off'),
    ('clamp.c', 'forbids', 'in->tension_mn >= limits', 'in->tension_mn > limits', '@ensures'),
    ('state.c', 'state_next', '{STATE_FAULT, EVENT_AXIS_RESET, STATE_DISARMED}',
     '{STATE_FAULT, EVENT_AXIS_RESET, STATE_ARMED}', 'reset_is_not_arm'),
    ('stop.c', 'stop_strongest', 'reaction_of(table, id, mode, direction) > strongest)',
     'reaction_of(table, id, mode, direction) > STOP_RAMP)', '@invariant'),
    ('guard.c', 'guard_end_switch', 'takes_in(limits, in) && is_open(limits, in, GUARD_END_TAKEIN)',
     'takes_in(limits, in) && is_open(limits, in, GUARD_END_PAYOUT)', '@ensures'),
    ('judge.c', 'judge_run', ' || !axis->startable ||', ' ||', 'only_if'),
    ('judge.c', 'hear', ' || judge_wants_torque(axis->state) ||', ' ||', 'owed'),
    ('judge.c', 'latch', 'fault_either(axis->latched, fresh)', 'fresh', 'latched'),
    ('judge.c', 'perceive', 'fault_either(in->shared, fault_either(seen,', 'fault_either(seen, fault_either(seen,',
     'shared'),
    ('monitor.c', 'counted', 'return count < INT32_MAX ? count + 1 : count;', 'return count + 1;', 'signed_overflow'),
    ('monitor.c', 'still', 'return was && !(in->tension_ok', 'return was && (in->tension_ok', '@ensures'),
    ('travel.c', 'leaky', 'sum_nm - leaks_nm + more_nm', 'sum_nm + more_nm', 'sum'),
    ('travel.c', 'sums_of', 'sum.motor_um += window->motor_um.at[at];', 'sum.motor_um += window->encoder_um.at[at];',
     '@invariant'),
    ('monitor.c', 'monitor_step', 'monitor->seen_good || all_good(in)', 'all_good(in)', 'good'),
    ('group.c', 'unknown', 'if (!in->known[i])', 'if (!in->known[0])', '@invariant'),
    ('pull.c', 'off', 'magnitude(cell_mn - rope_mn) > limits', 'cell_mn - rope_mn > limits', '@ensures'),
]
# Of the same kinds, for the target `prove` only; they take all goals of the function, or the clause that is named.
MORE_MUTANTS = [
    ('clamp.c', 'ramped', 'larger(0, last_um_s - stop_step(limits, mode, CLAMP_OUT))',
     '(last_um_s - stop_step(limits, mode, CLAMP_OUT))'),
    ('clamp.c', 'hard_stops', 'return link && off;', 'return off;'),
    ('state.c', 'state_next', '{STATE_ARMED, EVENT_AXIS_RUN, STATE_ENABLING}',
     '{STATE_ARMED, EVENT_AXIS_RUN, STATE_RUNNING}'),
    ('state.c', 'state_next', '{STATE_RUNNING, EVENT_AXIS_END, STATE_STOPPING}',
     '{STATE_RUNNING, EVENT_AXIS_END, STATE_RUNNING}'),
    ('state.c', 'state_next', '{STATE_ARMED, EVENT_AXIS_TRIP_1, STATE_FAULT}',
     '{STATE_ARMED, EVENT_AXIS_TRIP_1, STATE_CLOSING}'),
    ('guard.c', 'misplaced', 'in->position_um > place->open_above_um', 'in->position_um >= place->open_above_um'),
    ('guard.c', 'guard_step', '.silent = guard->seen && !all_read', '.silent = !all_read'),
    ('judge.c', 'can_start', ' && in->monitor.chain_closed &&', ' &&'),
    ('judge.c', 'wanted_event', 'in_sight(axis, in) ? EVENT_AXIS_TRIP_1 : EVENT_AXIS_TRIP_0', 'EVENT_AXIS_TRIP_1'),
    ('judge.c', 'done', 'return seen->brake_ok && !seen->brake_closed;', 'return !seen->brake_closed;'),
    ('judge.c', 'judge_reset', 'axis->startable = false;', 'axis->startable = true;'),
    ('judge.c', 'judge_can_reset', ' || !axis->quiet', ''),
    ('judge.c', 'overdue', 'return FAULT_STOP_TIME;', 'return FAULT_NONE;'),
    ('judge.c', 'hear', 'if (!in->drive_ok || in->drive_unclear', 'if (in->drive_unclear'),
    ('judge.c', 'settle', 'if (axis->reaction != STOP_NONE)\n        enter(',
     'if (axis->reaction == STOP_OFF)\n        enter('),
    ('monitor.c', 'overspeed', 'integer_magnitude(in->speed_um_s) > limits->overspeed_um_s',
     'in->speed_um_s > limits->overspeed_um_s'),
    ('monitor.c', 'stale', 'seen_good && !in->brake_ok', 'seen_good && !in->position_ok'),
    ('monitor.c', 'torque_lost', 'duty->stops_itself && in->drive_stops;', 'in->drive_stops;'),
    ('monitor.c', 'unconfirmed', '(holds_on || runs_on)', 'holds_on'),
    ('monitor.c', 'remember_hold', '(brake->held || in->position_ok);', '(brake->held || !in->position_ok);'),
    ('monitor.c', 'readings', 'fault_with(faults, ultimate_limit(limits, in), FAULT_ULTIMATE_LIMIT)',
     'fault_with(faults, ultimate_limit(limits, in), FAULT_POSITION_LIMIT)'),
    ('monitor.c', 'moved_away', 'if (!brake->held || !in->position_ok ||', 'if (!brake->held ||'),
    ('monitor.c', 'turns', 'reads_closed(brake, limits, in, duty) && moves(limits, in);',
     'reads_closed(brake, limits, in, duty);'),
    ('monitor.c', 'lifts_too_much', ' || !lifts(plan, limits, in))', ')'),
    ('monitor.c', 'monitor_step', 'weigh(&monitor->load, &monitor->plan, limits, in, duty);', ''),
    ('monitor.c', 'monitor_step', 'remember_setpoint(&monitor->plan, in->setpoint_um_s);', ''),
    ('monitor.c', 'strays', 'if (!duty->obeys || !in->drive_ok)', 'if (!duty->obeys)'),
    ('monitor.c', 'slowest', 'then_um_s < low_um_s', 'then_um_s > low_um_s'),
    ('monitor.c', 'watch_opening', '(closed && chain->half))', 'false)'),
    ('monitor.c', 'watch_opening', '!chain->opened && chain', 'chain'),
    ('travel.c', 'apart_for_long', '2 * (int64_t)limits->mismatch_base_um', '(int64_t)limits->mismatch_base_um'),
    ('travel.c', 'incomparable', 'if (!stepped || !in->drive_ok)', 'if (!stepped)'),
    ('travel.c', 'slipped', 'motor_nm - drum_travel(', 'motor_nm + drum_travel('),
    ('pull.c', 'counted', 'if (!off)\n        return 0;', 'if (!off)\n        return off_windows;'),
    ('pull.c', 'pull_step', '!in->compared', 'false'),
    ('pull.c', 'differs', 'motor_mn + inertia_mn(', 'motor_mn - inertia_mn('),
    ('travel.c', 'unasked', 'if (integer_magnitude(planned_nm_s) <= standstill_nm_s)',
     'if (integer_magnitude(planned_nm_s) < standstill_nm_s)'),
]
# A contradiction hidden where many functions ask for it: (header, text, the same with the contradiction, a function).
CONTRADICTIONS = [
    ('judge.h', 'STOP_NONE <= a.reaction <= STOP_OFF', 'STOP_OFF < a.reaction < STOP_NONE', 'judge_reset'),
    ('monitor.h', '1 <= l->window_cycles <= MONITOR_WINDOW_MAX', '1 <= l->window_cycles < 1', 'monitor_step'),
    ('clamp.h', '0 <= p->delay_us <= 10000000', '10000000 < p->delay_us < 0', 'clamp_setpoint'),
]
COMMENT = r'/\*{}(?:(?!\*/).)*\*/\n'
FUNCTION = re.compile(rf'^(?P<contract>{COMMENT.format("@")})?(?:{COMMENT.format("(?!@)")})?'
                      r'[a-z][^\n=;(]*\b(?P<name>\w+)\([^;{}]*\)\s*(?P<end>[;{])', re.DOTALL | re.MULTILINE)


# What WP has for prover input, less what no integer needs: why3 reads these theories for each function anew, and each
# polymorphic one makes it encode all types. The functions replaced are by their axioms the equality they become.
DRIVERS = pathlib.Path('/usr/share/why3/drivers')
LEAN_DRIVER = """
theory frama_c_wp.qed.Qed
  syntax function eqb "(= %1 %2)"
  syntax function neqb "(not (= %1 %2))"
  remove prop eqb
  remove prop eqb_false
  remove prop neqb
  meta "encoding:ignore_polymorphism_ls" function eqb
  meta "encoding:ignore_polymorphism_ls" function neqb
  meta "encoding:ignore_polymorphism_pr" prop eqb
  meta "encoding:ignore_polymorphism_pr" prop eqb_false
  meta "encoding:ignore_polymorphism_pr" prop neqb
end
"""
LEAN_PROVER = """
[prover]
name = "CVC4"
version = "{version}"
alternative = ""
command = "cvc4 --stats --tlimit=%t000 --lang=smt2 %f"
command_steps = "cvc4 --stats --rlimit=%S --lang=smt2 %f"
driver = "{driver}"
in_place = false
interactive = false
shortcut = "cvc4"
"""


def configure(home, lean=True):
    """Provers for this home: a clean machine has no ~/.why3.conf, and without one WP sees none. With the lean driver,
    or with WP's own."""
    subprocess.run(['why3', 'config', 'detect'], env=environment(home), capture_output=True, check=True)
    if not lean:
        return
    without = re.sub(r'import "[^"]*[-_](?:bv|floats)[^"]*"\n', '', (DRIVERS / 'cvc4_16.gen').read_text())
    text = (DRIVERS / 'cvc4_17.drv').read_text().replace('import "cvc4_16.gen"', without)
    driver = pathlib.Path(home, 'cvc4_lean.drv')
    driver.write_text(re.sub(r'import "', f'import "{DRIVERS}/', text) + LEAN_DRIVER)
    conf = pathlib.Path(home, '.why3.conf')
    detected = re.search(r'\[partial_prover\]\nname = "CVC4"\n(?:\w.*\n)*?version = "(.*)"\n', conf.read_text())
    assert detected, f'why3 sees no CVC4:\n{conf.read_text()}'
    lean = LEAN_PROVER.format(version=detected[1], driver=driver)
    conf.write_text(conf.read_text().replace(detected[0], '') + lean)


def environment(home):
    # WP makes much that does not last: room for it spares a tenth of the time.
    return {**os.environ, 'HOME': home, 'PWD': home, 'OCAMLRUNPARAM': 's=32M'}


def wp(tree, provers, seconds):
    return ['frama-c', '-no-autoload-plugins', '-load-module', 'wp,rtegen', '-c11', f'-cpp-extra-args=-I{tree}',
            '-kernel-warn-key', 'annot:missing-spec=abort', '-wp', *MODEL, *PLAIN, '-wp-prover', provers,
            '-wp-timeout', str(seconds), '-wp-par', str(PROVERS_AT_ONCE), '-wp-cache', 'none']


def prove_with(provers, file, home, tree, function, seconds, more=()):
    command = [*wp(tree, provers, seconds), '-wp-rte', *more]
    if function == LEMMAS:
        command += ['-wp-prop=@lemma']
    elif function:
        command += ['-wp-fct', function]
    # Frama-C takes relative paths from $PWD, wherever it really runs: name the file in full.
    done = subprocess.run([*command, f'{tree}/{file}'], cwd=tree, env=environment(home),
                          capture_output=True, text=True, check=False)
    counted = re.search(r'Proved goals:\s+(\d+) / (\d+)', done.stdout)
    if done.returncode != 0 or not counted:
        return 0, 0, done.stdout + done.stderr
    return int(counted.group(1)), int(counted.group(2)), done.stdout


def unproved_goals(words):
    """Names of the goals of which the tool says anything but that they are proved."""
    return re.findall(r'Goal typed_caveat_(?:[a-z]+_)??(\w+) : (?!Valid|Trivial)', words)


def unproved_functions(file, tree, words):
    """The functions of unproved goals; LEMMAS for those of none, '' for one that nothing is known of."""
    defined = {each['name'] for each in FUNCTION.finditer((tree / file).read_text()) if each['end'] == '{'}
    goals = unproved_goals(words)
    return {max((name for name in defined if goal.startswith(f'{name}_')), key=len,
                default=LEMMAS if goal.startswith('lemma_') else '') for goal in goals}


def prove(file, home, tree=ROOT, function=None, seconds=GOAL_SECONDS):
    """(goals proved, goals in all, the tool's words) for one C file, by its path in the tree. One prover first; what it
    does not know in a short time, a second one beside it in a longer."""
    proved, goals, words = prove_with('cvc4', file, home, tree, function, min(seconds, FIRST_SECONDS))
    hard = unproved_functions(file, pathlib.Path(tree), words)
    if proved == goals and goals > 0:
        return proved, goals, words
    if '' in hard or len(unproved_goals(words)) != goals - proved:
        return prove_with('cvc4,z3', file, home, tree, function, seconds)
    again = [','.join(sorted(hard - {LEMMAS}))] if hard - {LEMMAS} else []
    for part in again + ([LEMMAS] if LEMMAS in hard else []):
        some, of_some, words = prove_with('cvc4,z3', file, home, tree, part, seconds)
        if some < of_some or not of_some:
            return goals - max(of_some - some, 1), goals, words
    return goals, goals, words


def without_contract(source, header):
    """Names of the functions that `source` defines and neither it nor its header says what they must do."""
    found = list(FUNCTION.finditer(source)) + list(FUNCTION.finditer(header))
    said = {each['name'] for each in found if each['contract']}
    return sorted({each['name'] for each in FUNCTION.finditer(source) if each['end'] == '{'} - said)


def called_from_outside(file):
    """Name of each function of the file's header, of all without one, and what it requires."""
    header = (ROOT / file).with_suffix('.h')
    texts = [(ROOT / file).read_text(), *([header.read_text()] if header.exists() else [])]
    defined = {each['name'] for each in FUNCTION.finditer(texts[0]) if each['end'] == '{'}
    found = {each['name']: each['contract'] for each in FUNCTION.finditer(texts[-1]) if each['name'] in defined}
    assert found, f'{file}: no function is called from outside'
    return {name: re.findall(r'\brequires\b', contract or '') for name, contract in sorted(found.items())}


def loops_without_variant(source):
    """How many loops say nothing of their end: WP asks for none, and would take one that never ends."""
    annotations = re.findall(r'/\*@.*?\*/|//@[^\n]*', source, re.S)
    code = re.sub(r'/\*.*?\*/|//[^\n]*', '', source, flags=re.S)
    loops = len(re.findall(r'\b(?:for|while) \(', code))
    return loops - sum(text.count('loop variant') for text in annotations)


def check_contracts(file):
    header = (ROOT / file).with_suffix('.h')
    source = (ROOT / file).read_text()
    bare = without_contract(source, header.read_text() if header.exists() else '')
    assert not bare, f'{file} has functions without a contract: {", ".join(bare)}'
    assert loops_without_variant(source) == 0, f'{file} has loops without a variant: {loops_without_variant(source)}'


def check_bare(file):
    """Each contract of a file, taken away, is missed."""
    path = ROOT / 'controller/safety' / file
    texts = [path.read_text(), path.with_suffix('.h').read_text()]
    defined = {each['name'] for each in FUNCTION.finditer(texts[0]) if each['end'] == '{'}
    said = [(at, each) for at in (0, 1) for each in FUNCTION.finditer(texts[at])
            if each['contract'] and each['name'] in defined]
    assert len(said) == len(defined), f'{file}: {len(said)} contracts, {len(defined)} functions'
    for at, each in said:
        broken = list(texts)
        broken[at] = texts[at][:each.start()] + texts[at][each.end('contract'):]
        assert without_contract(*broken) == [each['name']], each['name']
    assert loops_without_variant(re.sub('loop variant', 'loop invariant', texts[0], count=1)) == int(
        'loop variant' in texts[0]), f'{file}: a loop without a variant is not missed'


def smoke_tests(file, home, tree, more):
    """(proved, goals, names of the functions whose requirements no prover could contradict, the tool's words)."""
    command = [*wp(tree, 'cvc4', SMOKE_SECONDS), '-cpp-extra-args=-DNDEBUG', '-wp-smoke-tests', '-wp-smoke-timeout',
               str(SMOKE_SECONDS), '-wp-steps', str(SMOKE_STEPS), f'{tree}/{file}', *more]
    done = subprocess.run(command, cwd=tree, env=environment(home), capture_output=True, text=True, check=False)
    counted = re.search(r'Proved goals:\s+(\d+) / (\d+)', done.stdout)
    assert done.returncode == 0 and counted, done.stdout + done.stderr
    met = re.findall(r'\[Passed\] Smoke-test typed_caveat_(\w+)_wp_smoke_default_requires', done.stdout)
    return int(counted[1]), int(counted[2]), met, done.stdout


def check_smoke(file, home, all_of_them):
    """A contract that can't be met proves anything: no prover may find a contradiction in what a function requires, in
    what its callees promise or in a loop's invariant, nor code that nothing reaches. What follows a failed assertion is
    such code, so they are left out."""
    outside = called_from_outside(file)
    more = SMOKE_ALL if all_of_them else [*SMOKE_REQUIRES, '-wp-fct', ','.join(outside)]
    proved, goals, met, words = smoke_tests(file, home, ROOT, more)
    doomed = '\n'.join(line for line in words.splitlines() if 'Smoke-test' in line and '[Passed]' not in line)
    assert proved == goals > 0, f'{proved} of {goals}\n{doomed}'
    untested = [name for name, requires in outside.items() if requires and name not in met]
    assert not untested, f'{file}: nobody asked whether these can be called: {", ".join(untested)}'
    print(f'# {file}: what {len(met)} functions require can be met')


def check_file(file, home):
    check_contracts(file)
    proved, goals, words = prove(file, home)
    unproved = '\n'.join(line for line in words.splitlines() if ': Valid' not in line)
    assert goals > 0 and proved == goals, f'{proved} of {goals} goals proved\n{unproved}'
    print(f'# {file}: {proved} of {goals} goals proved')


def copied(folder, changes):
    """The folder as a tree of the kernel in which the files of `changes` have these texts."""
    place = pathlib.Path(folder, 'controller/safety')
    place.mkdir(parents=True)
    for path in (ROOT / 'controller/safety').glob('*.[chd]*'):
        (place / path.name).write_text(changes.get(path.name, path.read_text()))
    return folder


def mutant_goals(source, file, function, clause, home):
    """(goals proved, goals in all, the tool's words) of one function of this text: its clause, or all of it. Steps, not
    seconds, end the goals: what is refused is then refused on every machine."""
    with tempfile.TemporaryDirectory() as folder:
        what = [f'-wp-prop={clause}'] if clause else []
        return prove_with('cvc4' if clause else 'cvc4,z3', f'controller/safety/{file}', home,
                          copied(folder, {file: source}), function, MUTANT_SECONDS,
                          [*what, '-wp-steps', str(MUTANT_STEPS)])


@functools.cache
def control(file, function, clause, home):
    """The same goals of the code as it is, or the steps would refuse anything."""
    source = (ROOT / 'controller/safety' / file).read_text()
    proved, goals, words = mutant_goals(source, file, function, clause, home)
    assert 0 < goals == proved, f'{clause or "all"} of the code as it is: {proved} of {goals}\n{words}'


def check_mutant(file, function, text, mutant, clause, home):
    source = (ROOT / 'controller/safety' / file).read_text()
    assert source.count(text) == 1, f'{file} does not hold this text once: {text}'
    control(file, function, clause, home)
    proved, goals, words = mutant_goals(source.replace(text, mutant), file, function, clause, home)
    assert goals > 0, words
    assert proved < goals, 'the broken code was proved'


def proved_files():
    return sorted(path.name for path in (ROOT / 'controller/safety').glob('*.c') if '/*@' in path.read_text())


def files_of(only):
    """The file of this run, or all that have no run of their own."""
    files = [name for name in proved_files() if (name == only if only else name not in APART)]
    assert files, f'no contracts in {only or "controller/safety"}'
    return files


def name_in_tree(name):
    return f'controller/safety/{name}'


def proofs(home, only, more, all_smokes=False):
    more = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in more]
    for file in [name_in_tree(name) for name in files_of(only)] + more:
        yield f'{file}: all goals proved', lambda file=file: check_file(file, home)
        yield f'{file}: no contradiction', lambda file=file: check_smoke(file, home, all_smokes)


def check_contradiction(header, text, mutant, function, home):
    """The smoke tests find a contract that nobody can meet."""
    original = (ROOT / 'controller/safety' / header).read_text()
    assert original.count(text) == 1, f'{header} does not hold this text once: {text}'
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(folder, {header: original.replace(text, mutant)})
        file = f'controller/safety/{pathlib.Path(header).stem}.c'
        _, _, met, words = smoke_tests(file, home, tree, [*SMOKE_REQUIRES, '-wp-fct', function])
    assert f'{function}_wp_smoke' in words and function not in met, f'the contradiction was not found\n{words}'


def refusals(home, mutants):
    for file in proved_files():
        yield f'{file}: refuses a function without a contract', lambda file=file: check_bare(file)
    for case in CONTRADICTIONS:
        yield f'{case[0]}: finds "{case[2]}"', lambda case=case: check_contradiction(*case, home)
    for file, function, text, mutant, *clause in mutants:
        yield (' '.join(f'{file}: refuses {function}() with "{mutant}"'.split()),
               lambda case=(file, function, text, mutant, *(clause or [None])): check_mutant(*case, home))


def everything(home, stock, more):
    for part in (None, *APART):
        yield from proofs(home, part, more if part is None else [], True)
    for name in proved_files():
        yield f"{name}: all goals proved with WP's own driver", lambda name=name: check_file(name_in_tree(name), stock)
    yield from refusals(home, MUTANTS + MORE_MUTANTS)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--refusals', action='store_true')
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--only', choices=APART)
    parser.add_argument('more', nargs='*')
    return parser.parse_args()


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as stock:
        configure(home)
        asked = arguments()
        if asked.all:
            configure(stock, lean=False)
            tap.run(everything(home, stock, asked.more))
        else:
            tap.run(refusals(home, MUTANTS) if asked.refusals else proofs(home, asked.only, asked.more))
