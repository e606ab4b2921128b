"""Commissioning with the real belayd and belay-sim, as a rigger does it at the command line: each step passes on a line that
is well, and does not on one with a planted fault."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cli_test  # noqa: E402
import steady  # noqa: E402  (found through cli_test)
import tap  # noqa: E402
from cli_test import BELAYD, PROFILES, SHOW, Stage, expect  # noqa: E402

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
        listed = json.loads(self.belay('commission', 'climber', '--json').stdout)
        return {step['step']: step for step in listed['result']['steps']}

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


def wants(kind):
    return lambda state: state['commission'] and state['commission']['wants'] == kind and not state['commission']['ended']


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
    with Line(('encoder_sign: 1', 'encoder_sign: -1'), ('encoder_zero_steps: 1000000', 'encoder_zero_steps: 1400000')) as line:
        assert line.belay('arm').returncode == 0
        expect(line.step('direction', typed='yes\n\n\n'), 1, 'NOT PASSED', 'encoder counts against motor and setpoint')
        assert line.steps()['direction']['state'] == 'failed'


def test_the_brake_hold_test():
    with Line(('mass_kg: 80\n  height_m', 'mass_kg: 127\n  height_m')) as line:
        expect(line.step('brake_hold', typed='yes\n'), 1, 'NOT PASSED', 'hang more on it')
        line.direct(do='act', act='slump')
        time.sleep(3)
        expect(line.step('brake_hold', '1', typed='yes\n'), 0, 'PASSED', 'brake 1 held 12', 'for 5 s')
        expect(line.step('brake_hold', '2', typed='yes\n'), 1, 'unknown_step')


def test_a_weak_brake_fails():
    with Line(('mass_kg: 80\n  height_m', 'mass_kg: 127\n  height_m'), ('hold_n: 8000', 'hold_n: 1250')) as line:
        line.direct(do='act', act='slump')
        time.sleep(1.0)
        done = line.step('brake_hold', '1', typed='yes\n')
        expect(done, 1, 'NOT PASSED')
        assert line.steps()['brake_hold']['state'] in ('failed', 'missing'), done.stdout


def test_the_tare():
    with Line() as line:
        expect(line.step('tare', typed='yes\n'), 0, 'PASSED', 'empty:')
        line.direct(do='act', act='slump')
        time.sleep(2)
        expect(line.step('tare', typed='yes\n'), 1, 'NOT PASSED', 'a tare hides something')
        assert line.steps()['tare']['state'] == 'failed'


if __name__ == '__main__':
    with steady.from_environment() as the_witness:
        tap.run(tap.module_checks(sys.modules[__name__]), the_witness)
