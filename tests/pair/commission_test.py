"""Commissioning with the real belayd and belay-sim, as a rigger does it at the command line: each step passes on a
line that is well, and does not on one with a planted fault."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cli_test  # noqa: E402
import steady  # noqa: E402  (found through cli_test)
import tap  # noqa: E402
from cli_test import BELAYD, PROFILES, SCENE, SHOW, Stage, expect  # noqa: E402

RECORD = 'record.yaml'
DRIVE, CELL, ENCODER, BLOCK = 1, 2, 3, 4  # units


class Line(Stage):
    """A line to commission, and who stands beside it."""

    def __init__(self, *changes):
        super().__init__(RECORD, changes)

    def __enter__(self):
        super().__enter__()
        self.director = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.director.connect(str(self.directory / 'stage'))
        return self

    def __exit__(self, *details):
        self.director.close()
        super().__exit__(*details)

    def direct(self, **packet):
        self.director.send(json.dumps(packet).encode())
        reply = json.loads(self.director.recv(4096))
        assert reply.get('ok'), reply

    def step(self, *words, typed=''):
        return subprocess.run([cli_test.BELAY, 'commission', 'climber', *words, '--operator', 'A Rigger'],
                              env=self.environment, capture_output=True, text=True, check=False, timeout=400,
                              input=typed)

    @contextlib.contextmanager
    def beginning(self, *words):
        step = subprocess.Popen([cli_test.BELAY, 'commission', 'climber', *words, '--operator', 'A Rigger'],
                                env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        self.programs.append(step)
        yield step

    def steps(self):
        return {step['step']: step for step in self.all_steps()}

    def all_steps(self):
        return json.loads(self.belay('commission', 'climber', '--json').stdout)['result']['steps']

    def position(self):
        return self.state()['axes'][0]['position_m']['value']

    def tension(self):
        return self.state()['axes'][0]['tension_n']['value']

    def take_up_slack(self):
        """Little by little, until the rope is just taut."""
        assert self.belay('arm').returncode in (0, 1)
        for _ in range(30):
            if self.tension() > 8:
                return
            self.belay('jog', 'climber', '--speed', '-0.05', '--for', '0.5')
            time.sleep(0.2)
        raise AssertionError('the rope does not come taut')

    def again(self):
        """The operator resets and arms after a stop."""
        for word in ('reset', 'arm'):
            self.until(lambda _, word=word: self.belay(word).returncode == 0)

    def restart(self):
        self.controller.terminate()
        assert self.controller.wait(10) == 0
        self.controller = self.start_belayd()


def says(state):
    """What the step under way says; nothing before the first one begins."""
    return (state['commission'] or {}).get('text', '')


def wants(kind):
    return lambda state: state['commission'] and state['commission']['wants'] == kind


# ---------------------------------------------------------------------------------------------------------------------


def test_no_person_flies_without_a_record():
    with Line() as line:
        assert line.belay('load', SHOW).returncode == 0
        assert line.belay('arm').returncode == 0
        expect(line.belay('go'), 1, 'not_commissioned', 'belay commission climber reeving')
        expect(line.belay('jog', 'climber', '--speed', '0.3', '--for', '1'), 1, 'not_commissioned')
        expect(line.belay('jog', 'climber', '--speed', '-0.1', '--for', '1'), 0)
        state = line.state()['axes'][0]['commissioning']
        assert state['state'] == 'missing' and state['step'] == 'reeving', state
        expect(line.belay('status'), 0, 'reeving was never done')


def test_the_direction_bump():
    with Line() as line:
        line.take_up_slack()
        before = line.position()
        expect(line.step('direction', typed='yes\n\n\n'), 0, 'PASSED', 'in: drum 5', 'tension +', 'out: drum 5')
        assert abs(line.position() - before) < 0.01
        assert line.steps()['direction']['state'] == 'ok'
        assert 'A Rigger, uid' in line.steps()['direction']['operator']
        expect(line.step('direction', typed='no\n'), 1, 'NOT PASSED')
        assert line.steps()['direction']['state'] == 'failed'
        expect(line.step('direction'), 1, 'Given up')  # nothing typed: the record keeps what it had
        expect(line.step('drection'), 1, 'unknown_step')


def test_a_slack_rope_tells_no_direction():
    with Line(('slack_m: 0.05', 'slack_m: 1.0')) as line:
        assert line.belay('arm').returncode == 0
        expect(line.step('direction', typed='yes\n\n\n'), 1, 'NOT PASSED', 'tension changed by')


def test_a_swapped_encoder_stops_the_bump():
    with Line(('encoder_sign: 1', 'encoder_sign: -1'),
              ('encoder_zero_steps: 1000000', 'encoder_zero_steps: 1400000')) as line:
        assert line.belay('arm').returncode == 0
        expect(line.step('direction', typed='yes\n\n\n'), 1, 'NOT PASSED', 'encoder counts against motor and setpoint')
        assert line.steps()['direction']['state'] == 'failed'


# Somebody steadies it: a rope that only rubs a little lets it swing for minutes.
STEADY = ('damping_ms: 8', 'damping_ms: 50')
HEAVY = ('mass_kg: 80\n    height_m', 'mass_kg: 127\n    height_m')  # 125 % of the rated load, and a little more
LEVER = {1: 'second brake lifted', 2: 'first brake lifted'}  # of the other one


def hang(line):
    line.direct(do='act', act='slump')
    time.sleep(3)


def lift(line, brake, there=True, seconds=0.5):
    """The lever of the brake that is not under test."""
    line.direct(do='defect', what=LEVER[brake], there=there)
    time.sleep(seconds)


def test_each_brake_holds_the_test_load_alone():
    with Line(HEAVY, STEADY) as line:
        expect(line.step('brake_hold', '1', typed='yes\n'), 1, 'NOT PASSED', 'drum-brake, reads closed: lift it')
        lift(line, 1)
        expect(line.step('brake_hold', '1', typed='yes\n'), 1, 'NOT PASSED', 'hang more on it')
        hang(line)
        expect(line.step('brake_hold', '2', typed='yes\n'), 1, 'NOT PASSED', 'drum-brake, reads open')
        lift(line, 1, False)
        for brake in (1, 2):
            lift(line, brake)
            with line.beginning('brake_hold', str(brake)) as step:
                step.stdin.write('yes\n')
                step.stdin.flush()
                line.until(lambda state: 'Let go of the lever' in says(state), 40)
                lift(line, brake, False)
                said = step.communicate(timeout=60)[0]
            assert step.returncode == 0, said
            assert f'PASSED: brake_hold: brake {brake}, ' in said and 'for 5 s' in said, said
        expect(line.step('brake_hold', '3', typed='yes\n'), 1, 'unknown_step')
        states = [step['state'] for step in line.all_steps() if step['step'] == 'brake_hold']
        assert states == ['ok', 'ok'], states


def test_a_weak_brake_fails_although_the_other_holds():
    """Both together hold the load for years: only a test of each finds it."""
    second = ('close_ms: 110, rise_ms: 50, hold_n: 8000', 'close_ms: 110, rise_ms: 50, hold_n: 1150')
    with Line(HEAVY, STEADY, second) as line:
        hang(line)
        with line.beginning('brake_hold', '2') as step:
            line.until(wants('yes'))
            lift(line, 2, seconds=0.1)
            said = step.communicate('yes\n', timeout=60)[0]
        lift(line, 2, False)
        assert step.returncode == 1 and 'BRAKE 2 SLIPS' in said and 'LET GO OF THE LEVER' in said, said
        assert [step['state'] for step in line.all_steps() if step['step'] == 'brake_hold'] == ['missing', 'failed']
        line.controller.kill()  # the drive took up what slid: told to end, belayd would go on holding it


def places(line):
    """What the record says of where drums stand."""
    return (line.directory / RECORD).read_text(encoding='utf-8').partition('places:')[2]


def test_a_drum_that_turned_while_belayd_was_away_is_found():
    with Line(HEAVY, STEADY) as line:
        expect(line.step('marks', typed='yes\n' + '24\n' * 2), 1)  # there is something to void
        hang(line)
        line.until(lambda _: 'climber' in places(line))
        line.restart()
        stood_m = line.position()
        assert 'turned' not in line.log_text(), 'it stood where it was left'
        expect(line.belay('arm'), 0)
        line.until(lambda _: 'climber' not in places(line))
        line.controller.kill()  # in use: no place is known, and none is missed
        line.controller.wait(10)
        line.controller = line.start_belayd()
        line.until(lambda _: 'climber' in places(line))
        assert 'turned' not in line.log_text()
        line.controller.terminate()
        assert line.controller.wait(10) == 0
        for brake in (1, 2):
            lift(line, brake, seconds=0.1)
        for brake in (1, 2):
            lift(line, brake, False, seconds=0.1)
        line.controller = line.start_belayd()
        assert line.position() > stood_m + 0.05, 'the weight turned it'
        line.until(lambda _: 'finds it at' in line.log_text())
        assert 'verify the marks' in line.log_text()
        assert line.steps()['marks']['state'] == 'void', line.steps()['marks']
        line.restart()
        assert line.log_text().count('finds it at') == 1 and line.steps()['marks']['state'] == 'void'


def test_tare_and_span():
    with Line(STEADY) as line:
        expect(line.step('tare', typed='yes\n'), 0, 'PASSED', 'empty:')
        line.direct(do='act', act='slump')
        time.sleep(3)
        expect(line.step('tare', typed='yes\n'), 1, 'NOT PASSED', 'a tare hides something')
        assert line.steps()['tare']['state'] == 'failed'
        expect(line.step('span', typed='70\n'), 1, 'NOT PASSED', 'weigh 686 N', 'calibrate')
        expect(line.step('span', typed='80\n90\n'), 1, 'NOT PASSED', 'too near to each other')


def test_reeving_and_marks():
    with Line() as line:
        expect(line.step('reeving', typed='2\n'), 1, 'NOT PASSED', 'Counted 2 parts')
        expect(line.step('reeving', typed='1\n1\n20\n'), 1, 'NOT PASSED', 'the position say 1')
        expect(line.step('reeving', typed='1\n1\n5\n'), 1, 'NOT PASSED', 'turns would be left')
        expect(line.step('reeving', typed='one\n0\n-1\n1\n1\n16\nyes\n'), 0, 'Write a figure', 'above zero',
               '12.0 left at the end')
        assert line.belay('arm').returncode == 0
        for off_m, code in ((0.0, 0), (0.5, 1)):
            with line.beginning('marks') as step:
                line.until(wants('number'))
                expect(line.step('tare'), 1, 'The step marks of climber runs, by A Rigger, uid')
                expect(line.belay('status'), 0, 'Commission   climber: the step marks runs')
                step.stdin.write(f'{line.position() + off_m}\n')
                step.stdin.flush()
                line.until(lambda state: 'second mark' in says(state))
                expect(line.belay('jog', 'climber', '--speed', '0.15' if code == 0 else '-0.15', '--for', '8'), 0)
                said = step.communicate(f'{line.position() + off_m}\n', timeout=60)[0]
            assert step.returncode == code, said
        assert 'encoder_zero_steps to 99' in said, said


def test_the_limits():
    with Line(('position_min_m: 1.0', 'position_min_m: 24.02'),
              ('position_max_m: 26.5', 'position_max_m: 24.5')) as line:
        line.direct(do='estop', station='cliff top', pressed=True)
        line.until(lambda state: state['first_out'])
        line.direct(do='estop', station='cliff top', pressed=False)
        expect(line.step('limits', typed='\n\n'), 1, 'fault_latched', 'reset, arm')
        assert line.steps()['limits']['state'] == 'missing', 'a fault from before fails nothing'
        line.again()
        with line.beginning('limits') as step:
            step.stdin.write('\n\n')
            step.stdin.flush()
            for name in ('end payout', 'end takein', 'ultimate payout', 'ultimate takein', 'dead turns', 'overwrap'):
                line.until(lambda state, name=name: f"Open {name.replace(' ', '_')} by hand" in
                           says(state), 60)
                line.direct(do='switch', name=name, wire='broken')
                time.sleep(0.5)
                line.direct(do='switch', name=name, wire='good')
            said = step.communicate(timeout=60)[0]
        assert step.returncode == 0 and 'out: held at 24.4' in said and 'in: held at 24.0' in said, said
        assert '6 switches opened and closed' in said, said


def test_the_response():
    with Line() as line:
        assert line.belay('arm').returncode == 0
        done = line.step('response', typed='yes\n\n\n')
        expect(done, 0, 'PASSED', 'out: lag ', 'in: lag ', 'stop ')
        assert line.steps()['response']['state'] == 'ok'


def test_a_drive_that_follows_late_does_not_pass():
    with Line(('setpoint_lag_ms: 20', 'setpoint_lag_ms: 100')) as line:
        assert line.belay('arm').returncode == 0
        expect(line.step('response', typed='yes\n\n\n'), 1, 'NOT PASSED', 'ms late, and limits.reaction_ms says 80')
        assert line.steps()['response']['state'] == 'failed'


def test_the_estop_stations():
    with Line() as line:
        with line.beginning('estop') as step:
            line.until(lambda state: state['commission'] is not None)
            for station in ('belay desk', 'cliff top'):
                assert line.state()['commission']['ended'] is False
                line.direct(do='estop', station=station, pressed=True)
                time.sleep(1.5)
                line.direct(do='estop', station=station, pressed=False)
                time.sleep(1.5)
            said = step.communicate(timeout=30)[0]
        assert step.returncode == 0 and '2 stations, torque off within' in said, said


def test_silence():
    with Line() as line:
        assert line.belay('arm').returncode == 0
        with line.beginning('silence') as step:
            for unit in (DRIVE, BLOCK):
                line.until(wants('jog'))
                step.stdin.write('\n')
                step.stdin.flush()
                line.until(cli_test.runs)
                time.sleep(1)
                line.direct(do='fault', unit=unit, kind='silent')
                line.until(wants('yes'))
                step.stdin.write('yes\n')
                step.stdin.flush()
                line.until(lambda state: says(state).startswith('Plug'))
                line.direct(do='fault', unit=unit, kind='none')
                line.until(lambda state: wants('jog')(state) or state['commission']['ended'], 10)
                line.again()
            said = step.communicate(timeout=30)[0]
        assert step.returncode == 0 and 'drive silent:' in said and 'safety I/O silent:' in said, said


def test_what_was_changed_is_void_and_an_edited_record_is_none():
    with Line() as line:
        for typed in ('yes\n',):
            expect(line.step('tare', typed=typed), 0)
        line.restart()
        assert line.steps()['tare']['state'] == 'ok', 'it is kept'
        tested = line.steps()['tare']
        expect(line.belay('commission', 'climber', '--changed', 'cell', '--operator', 'B Rigger'), 0, 'Noted',
               'climb the ladder anew')
        tare = line.steps()['tare']
        assert tare['state'] == 'void' and tare['operator'].startswith('B Rigger'), tare
        before = f"cell was changed; before: {tested['time']}, {tested['operator']}: {tested['figures']}"
        assert tare['figures'] == before, tare
        expect(line.step('--changed', 'wheel'), 1, 'unknown_part')
        expect(line.step('tare', typed='yes\n'), 0)
        record = line.directory / RECORD
        record.write_text(record.read_text(encoding='utf-8').replace('A Rigger', 'A Ringer'), encoding='utf-8')
        line.restart()
        assert line.steps()['tare']['state'] == 'missing'
        assert 'its seal does not fit' in line.log_text() and (line.directory / (RECORD + '.damaged')).exists()


def test_the_files_of_the_practice_are_good_ones():
    """As docs/commissioning.md has them made."""
    manual = (cli_test.ROOT / 'docs/commissioning.md').read_text(encoding='utf-8')
    makes = [line for line in manual.splitlines() if line.startswith('sed ')]
    with tempfile.TemporaryDirectory() as directory:
        for line, name in zip(makes, ('world', 'rig'), strict=True):
            line = line.replace('/tmp/', f'{directory}/')
            subprocess.run(['sh', '-c', line], check=True, cwd=cli_test.ROOT)
            scene = (SCENE / f'{name}.yaml').read_text(encoding='utf-8').splitlines()
            made = (pathlib.Path(directory) / f'practice-{name}.yaml').read_text(encoding='utf-8').splitlines()
            assert sum(old != new for old, new in zip(scene, made, strict=True)) == 2, line
        rig = f'{directory}/practice-rig.yaml'
        expect(subprocess.run([cli_test.BELAY, 'check', rig, '--profiles', str(PROFILES)], check=False,
                              capture_output=True, text=True), 0, 'No errors.')


def test_no_record_is_for_rehearsals_alone():
    with Stage() as stage:
        assert stage.state()['axes'][0]['commissioning'] is None
        rig = stage.rig.read_text(encoding='utf-8').replace('host: 127.0.0.1', 'host: 192.0.2.1')
        far = stage.directory / 'far.yaml'
        far.write_text(rig, encoding='utf-8')
        done = subprocess.run([BELAYD, '--rig', str(far), '--profiles', str(PROFILES), '--no-record'], check=False,
                              env=stage.environment, capture_output=True, text=True, timeout=20)
        expect(done, 1, '--no-record is for rehearsals')


if __name__ == '__main__':
    # Two at a time: they wait for the winch most of their time.
    with steady.from_environment() as one, steady.from_environment() as other:
        tap.run(tap.module_checks(sys.modules[__name__]), one, other)
