"""`belay` as an operator uses it, with the real belayd and belay-sim: texts, exit codes, JSON, and letting go."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tests/scripts'))

import steady  # noqa: E402
import tap  # noqa: E402

BELAY, BELAYD, SIM = sys.argv[1:4]
SCENE = ROOT / 'sim/scenarios/free-climb'
PROFILES = ROOT / 'controller/drive/profiles'
SHOW = str(SCENE / 'show.yaml')
READY_S = 10
SETTLED_CYCLES = 60  # since belayd's start: brake's closing time, then the drive's longest reply; nothing moves before


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]


class Stage:
    """Simulator and controller in a directory of their own."""

    def __init__(self, record=None, changes=()):
        """`changes`: (text, other text) pairs in the rig and in the world file."""
        self.kept = tempfile.TemporaryDirectory(prefix='belay-cli-')
        self.directory = pathlib.Path(self.kept.name)
        self.environment = dict(os.environ, BELAY_SOCKET=str(self.directory / 'operate'))
        self.ports = free_ports(2)
        rig = (SCENE / 'rig.yaml').read_text(encoding='utf-8')
        for old, new in zip(('1502', '1503'), self.ports):
            assert rig.count(f'port: {old}') == 1
            rig = rig.replace(f'port: {old}', f'port: {new}')
        world = (SCENE / 'world.yaml').read_text(encoding='utf-8')
        for old, new in changes:
            assert (rig + world).count(old) == 1, old
            rig, world = rig.replace(old, new), world.replace(old, new)
        self.record = ('--record', self.directory / record) if record else ('--no-record',)
        self.rig, self.world = self.directory / 'rig.yaml', self.directory / 'world.yaml'
        self.rig.write_text(rig, encoding='utf-8')
        self.world.write_text(world, encoding='utf-8')
        self.log = open(self.directory / 'log', 'w+', encoding='utf-8')
        self.programs = []

    def __enter__(self):
        self.start(SIM, '--world', self.world, '--ports', ','.join(map(str, self.ports)),
                   '--stage', self.directory / 'stage')
        self.controller = self.start_belayd()
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.terminate()
            program.wait(10)
        self.log.close()
        self.kept.cleanup()

    def start(self, *command):
        program = subprocess.Popen([str(word) for word in command], env=self.environment, stdout=self.log,
                                   stderr=subprocess.STDOUT)
        self.programs.append(program)
        return program

    def start_belayd(self):
        controller = self.start(BELAYD, '--rig', self.rig, '--profiles', PROFILES, *self.record)
        for _ in range(READY_S * 10):
            time.sleep(0.1)
            status = self.belay('status', '--json')
            if status.returncode != 0:
                continue
            state = json.loads(status.stdout)
            if state['axes'][0]['position_m']['quality'] == 'good' and state['cycle'] > SETTLED_CYCLES:
                return controller
        raise AssertionError('belayd did not become ready: ' + self.log_text())

    def belay(self, *words):
        return subprocess.run([BELAY, *words], env=self.environment, capture_output=True, text=True, check=False,
                              timeout=60)

    def belay_when_stopped(self, *words):
        """Once the drive has confirmed the stop of the motion before, for which a moment is allowed."""
        end = time.monotonic() + 2
        while True:
            done = self.belay(*words)
            if 'stop_pending' not in done.stdout + done.stderr or time.monotonic() > end:
                return done
            time.sleep(0.02)

    def begin(self, *words):
        return subprocess.Popen([BELAY, *words], env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    @contextlib.contextmanager
    def watching(self):
        """What belayd says every 20 ms, with its own time, however late it is read here. To be read on and on."""
        watch = self.begin('watch', '--json', '--period', '20')
        self.programs.append(watch)
        yield (json.loads(line) for line in watch.stdout)
        watch.terminate()
        watch.communicate(timeout=10)

    def state(self):
        return json.loads(self.belay('status', '--json').stdout)

    def until(self, holds, seconds=5.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds(self.state()):
                return
            time.sleep(0.02)
        raise AssertionError(f'never in {seconds} s: {self.state()}')

    def log_text(self):
        return (self.directory / 'log').read_text(encoding='utf-8')

    def ready(self):
        assert self.belay('load', SHOW).returncode == 0
        assert self.belay('mode', 'walk-through', '10').returncode == 0
        assert self.belay('arm').returncode == 0


def runs(state):
    return state['axes'][0]['state'] == 'running'


def stands(state):
    axis = state['axes'][0]
    return axis['state'] in ('armed', 'disarmed', 'fault') and not axis['brake_open'] and not axis['drive_enabled']


def expect(done, code, *texts):
    assert done.returncode == code, f'exit code {done.returncode}: {done.stdout}{done.stderr}'
    for text in texts:
        assert text in done.stdout + done.stderr, f'{text!r} is missing in: {done.stdout}{done.stderr}'


# ---------------------------------------------------------------------------------------------------------------------


def test_help_of_every_command():
    top = subprocess.run([BELAY, '--help'], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r'^  (\w+) ', top, re.MULTILINE)
    for wanted in ('status watch arm disarm go jog stop reset unlock recover clear mode load standby check '
                   'rehearse').split():
        assert wanted in commands, wanted
    for command in commands:
        done = subprocess.run([BELAY, command, '--help'], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and 'sage: belay ' + command in done.stdout and not done.stderr, done
        assert max(map(len, done.stdout.splitlines())) <= 120, command


def test_wrong_usage_is_code_2_and_says_why():
    rows = [(['fly'], "no command 'fly'"), ([], 'usage:'), (['status', 'now'], 'does not take now'),
            (['jog'], 'needs AXIS'), (['jog', 'climber'], '--speed'), (['jog', 'climber', '--speed', '0,2'], '0,2'),
            (['jog', 'climber', '--speed', 'nan'], 'nan'), (['jog', 'climber', '--speed', '0x1'], '0x1'),
            (['jog', 'climber', '--speed', '1m'], '1m'), (['jog', 'climber', '--speed', '0'], 'not zero'),
            (['jog', 'climber', '--speed', '99'], '99'), (['go', '--for', '-1'], '-1'), (['go', '--speed', '1'], 'go'),
            (['mode', 'fast'], "'fast' is no mode"), (['mode', 'walk-through'], 'expected a percent'),
            (['mode', 'walk-through', '1.5'], "'1.5'"), (['mode', 'show', '10'], 'is no mode'),
            (['watch', '--period', '5'], '20 to 1000'), (['load', '/nowhere/show.yaml'], 'No such file'),
            (['standby'], 'needs CUE')]
    for words, text in rows:
        done = subprocess.run([BELAY, *words], capture_output=True, text=True, check=False)
        expect(done, 2, text)
        assert not done.stdout, done.stdout


def test_no_belayd_is_code_3_and_says_what_to_do():
    environment = dict(os.environ, BELAY_SOCKET='/nowhere/operate')
    for words in (['status'], ['watch'], ['arm'], ['stop'], ['go'], ['jog', 'climber', '--speed', '0.1']):
        done = subprocess.run([BELAY, *words], env=environment, capture_output=True, text=True, check=False)
        expect(done, 3, '/nowhere/', 'Start belayd')
    done = subprocess.run([BELAY, 'arm', '--json'], env=environment, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)['error']['code'] == 'no_connection', done
    assert 'Use the E-stop' in subprocess.run([BELAY, 'stop'], env=environment, capture_output=True, text=True,
                                              check=False).stderr


def test_check_prints_every_error():
    done = subprocess.run([BELAY, 'check', str(SCENE / 'rig.yaml'), SHOW, '--profiles', str(PROFILES)],
                          capture_output=True, text=True, check=False)
    expect(done, 0, 'Rig free-climb: 1 axis', 'Show "Free climb": 2 cues')
    with tempfile.TemporaryDirectory() as directory:
        bad = pathlib.Path(directory) / 'bad.yaml'
        good = (SCENE / 'show.yaml').read_text(encoding='utf-8')
        bad.write_text(good.replace('2.0', '1,5').replace('tension_n: 90', 'tension_n: 9e9'), encoding='utf-8')
        done = subprocess.run([BELAY, 'check', str(SCENE / 'rig.yaml'), str(bad), '--profiles', str(PROFILES)],
                              capture_output=True, text=True, check=False)
        expect(done, 1, 'bad.yaml:', '1,5', 'tension_n', '2 errors')


def test_an_operators_morning():
    with Stage() as stage:
        expect(stage.belay('status'), 0, 'REHEARSAL', 'DISARMED', 'nobody holds', 'channel A closed', 'none: load one',
               'drive: up')
        expect(stage.belay('go'), 1, 'No show is loaded')
        expect(stage.belay('load', SHOW), 0, 'Loaded "Free climb", 2 cues', '> 1')
        expect(stage.belay('load', str(SCENE / 'rig.yaml')), 1, 'rig.yaml:', 'The show was not loaded')
        done = stage.belay('jog', 'climber', '--speed', '0.1', '--for', '1')
        expect(done, 1, 'not_armed', 'arm first')
        assert 'Paying out' not in done.stdout, 'what is refused does not move'
        expect(stage.belay('arm'), 0, 'Armed.')
        expect(stage.belay('arm'), 1, 'already_armed')
        expect(stage.belay('jog', 'nobody', '--speed', '0.1'), 1, 'unknown_axis', 'It has: climber.')
        expect(stage.belay('standby', '9'), 1, 'unknown_cue')
        expect(stage.belay('standby', '2'), 0, 'Cue 2 is on standby')
        before = stage.state()['axes'][0]['position_m']['value']
        done = stage.belay('jog', 'climber', '--speed', '-0.2', '--for', '1')
        expect(done, 0, 'Taking in climber', 'Let go, time over', 'Winch climber at standstill')
        moved = stage.state()['axes'][0]['position_m']['value'] - before
        assert -0.25 < moved < -0.02, moved
        expect(stage.belay('disarm'), 0, 'Disarmed')
        assert stage.state()['state'] == 'disarmed'
        expect(stage.belay_when_stopped('reset'), 0, 'Nothing was latched')
        expect(stage.belay('mode', 'walkthrough'), 2, 'expected a percent', 'walk-through 10')
        expect(stage.belay('disarm'), 0, 'Nothing was armed')
        expect(stage.belay('unlock', 'climber'), 0, 'was not locked')
        expect(stage.belay('recover', 'climber', 'off'), 0, 'was not in recovery')
        log = stage.log_text()
        for line in ('(belay arm, uid', 'arm refused: Already armed', 'rig.yaml is refused: ',
                     'jog refused: ', 'asks to jog climber at -0.20 m/s',
                     'holds, press 1', 'let go', 'climber: running -> stopping'):
            assert line in log, f'{line!r} is missing in: {log}'


def test_modes():
    with Stage() as stage:
        expect(stage.belay('mode'), 0, 'Mode         set-up', 'To show mode: No show is loaded',
               'jog now at most 0.40 m/s; the rig\'s limits: ')
        expect(stage.belay('load', SHOW), 0)
        expect(stage.belay('go', '1'), 1, 'setup', 'In set-up there is no GO')
        expect(stage.belay('mode', 'walk-through', '25'), 1, 'ladder',
               'No move has run clean at 10 % yet')
        expect(stage.belay('mode', 'walk-through', '33'), 1, 'rung', 'choose 10, 25, ', ' or 100 %.')
        expect(stage.belay('mode', 'show'), 1, 'ladder')
        expect(stage.belay('mode', 'walk-through', '10'), 0, 'Walk-through at 10 %')
        expect(stage.belay('mode'), 0, 'Mode         walk-through 10 %', 'To show mode: Cue 2 has not run clean')
        operation = stage.state()['operation']
        assert (operation['mode'], operation['percent'], operation['offer_percent']) == ('walk_through', 10, 10)
        expect(stage.belay('arm'), 0)
        expect(stage.belay('mode', 'setup'), 1, 'armed', 'disarm first')
        expect(stage.belay('go', '1', '--for', '1'), 0, 'Let go')
        stage.until(stands)
        expect(stage.belay('disarm'), 0)
        expect(stage.belay('mode', 'setup'), 0, 'Set-up')
        log = stage.log_text()
        assert 'selects walk_through, 10 %' in log and 'select the mode refused' in log, log


def test_a_mode_is_named_however_its_hyphen_is_written():
    with Stage() as stage:
        expect(stage.belay('load', SHOW), 0)
        for words in (['walk-through', '10'], ['walk_through', '10%'], ['WALKTHROUGH', '10']):
            expect(stage.belay('mode', *words), 0, 'Walk-through at 10 %')
        for word in ('set-up', 'setup', 'set_up', 'Set-Up'):
            expect(stage.belay('mode', word), 0, 'Set-up')


def test_a_jog_says_the_speed_that_runs():
    with Stage() as stage:
        expect(stage.belay('arm'), 0)
        expect(stage.belay('jog', 'climber', '--speed', '-0.5', '--for', '0.3'), 0,
               'Taking in climber at 0.40 m/s, the most of this operating mode (asked: 0.50)')
        expect(stage.belay_when_stopped('jog', 'climber', '--speed', '0.6', '--for', '1'), 1, 'limit',
               'climber: Faster than it may jog that way: at most 0.50 m/s')


def test_a_motion_that_ended_before_the_hand_let_go_is_no_success():
    """Against the pretended belayd: in a real one the two fall together too seldom."""
    with tempfile.TemporaryDirectory() as directory:
        path = str(pathlib.Path(directory) / 'operate')
        fake = subprocess.Popen([sys.executable, str(ROOT / 'tests/console/fake_belayd.py'), path],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        environment = dict(os.environ, BELAY_SOCKET=path)
        try:
            while subprocess.run([BELAY, 'arm'], env=environment, capture_output=True, check=False).returncode == 3:
                time.sleep(0.05)
            for what, code, faults in (('weight', 1, []), ('slack', 0, []), ('arrived', 0, []), ('payout_end', 1, []),
                                       ('slack', 1, ['movement'])):
                jog = subprocess.Popen([BELAY, 'jog', 'winch-1', '--speed', '0.1', '--for', '1'], env=environment,
                                       stdout=subprocess.PIPE, text=True)
                assert any('Paying out' in line for line in jog.stdout), what
                stop = {'what': what, 'session': 0, 'client': None}
                fake.stdin.write(json.dumps({'set': {'last_stop': stop, 'axes': [{'faults': faults}]}}) + '\n')
                fake.stdin.flush()
                text = jog.communicate(timeout=20)[0]
                assert jog.returncode == code and 'Let go' not in text, f'{what}: {jog.returncode} {text}'
                assert ('A FAULT is latched' in text) == bool(faults), text
        finally:
            fake.kill()
            fake.communicate()


def test_json():
    with Stage() as stage:
        done = stage.belay('load', SHOW, '--json')
        assert stage.belay('mode', 'walk-through', '10').returncode == 0
        assert [cue['id'] for cue in json.loads(done.stdout)['result']['cues']] == ['1', '2'], done
        done = stage.belay('arm', '--json')
        assert done.returncode == 0 and json.loads(done.stdout)['result'] == {}, done
        done = stage.belay('arm', '--json')
        error = json.loads(done.stdout)['error']
        assert done.returncode == 1 and error['code'] == 'already_armed' and error['message'], done
        done = stage.belay('load', SHOW, '--json')
        error = json.loads(done.stdout)['error']
        assert done.returncode == 1 and error['code'] == 'armed', 'no show is swapped under an armed operator'
        watch = stage.begin('watch', '--json', '--period', '50')
        lines = [json.loads(watch.stdout.readline()) for _ in range(10)]
        watch.send_signal(signal.SIGINT)
        assert watch.wait(5) == 0
        cycles = [line['cycle'] for line in lines]
        assert cycles == sorted(set(cycles)), cycles
        done = stage.belay('go', '--json', '--for', '1')
        last = json.loads(done.stdout.splitlines()[-1])
        assert done.returncode == 0 and last == {'ended': 'Let go, time over', 'done': True, 'standing': True}, last


def test_ctrl_c_lets_go():
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        go.send_signal(signal.SIGINT)
        text = go.communicate(timeout=10)[0]
        assert go.returncode == 0 and 'Let go after' in text and 'Winch climber at standstill' in text, text
        assert stands(stage.state())


def test_another_operators_stop_ends_go_with_code_1():
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        expect(stage.belay('stop', 'climber', '--now'), 0, 'Stop taken', 'EVERY axis')
        text = go.communicate(timeout=10)[0]
        assert go.returncode == 1 and 'STOPPED by session' in text and '(belay stop) after' in text, text
        assert stands(stage.state())
        stage.until(lambda state: (state['go_refusal'] or {}).get('name') == 'line_locked')  # the stop is confirmed
        stopped = stage.state()['last_stop']
        assert stopped['what'] == 'stop' and stopped['client'] == 'belay stop', stopped
        status = stage.belay('status')
        expect(status, 0, 'Last motion  STOPPED by session', 'GO           climber: The line is locked',
               'in:  climber: The line is locked')
        # The climber stands on the wall: his rope is taut, or light enough to be slack.
        assert re.search(r'jog +out: (may begin|climber: The rope is slack)', status.stdout), status.stdout
        expect(stage.belay('go', '1'), 1, 'line_locked', 'climber: The line is locked', 'unlock')
        expect(stage.belay('go', '2'), 1, 'line_locked', 'Cue 1 is on standby again')
        assert stage.state()['standby_cue'] == '1', 'a cue that did not run changes nothing'
        expect(stage.belay('unlock', 'nobody'), 1, 'unknown_axis')
        expect(stage.belay('unlock', 'climber'), 0, 'The line of climber is unlocked')
        assert stage.state()['go_refusal'] is None
        second = stage.begin('go', '1')
        stage.until(runs)
        done = stage.belay('jog', 'climber', '--speed', '0.1')
        expect(done, 1, 'permission_taken', 'Another operator holds')
        assert runs(stage.state())
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) == 0


def short_load_cell(stage):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as director:
        director.connect(str(stage.directory / 'stage'))
        director.send(json.dumps({'do': 'defect', 'what': 'cell shorted', 'there': True}).encode())
        reply = json.loads(director.recv(4096))
        assert reply.get('ok'), reply


def test_status_is_plain_in_every_state():
    with Stage() as stage:
        fresh = stage.belay('status')
        expect(fresh, 0, 'State        DISARMED', 'To show mode: No show is loaded', 'every 10 ms; ',
               'out: Not armed: arm first.')
        expect(stage.belay('arm'), 0)
        armed = stage.belay('status')
        expect(armed, 0, 'State        ARMED', 'Armed: `belay disarm` before `belay mode` selects another',
               'out: may begin', 'in:  may begin')
        assert 'To show mode' not in armed.stdout, armed.stdout
        expect(stage.belay('mode', 'walk-through', '10'), 1, 'change only while disarmed', 'disarm first')
        expect(stage.belay('disarm'), 0)
        short_load_cell(stage)
        stage.until(lambda state: 'tension_implausible' in state['axes'][0]['faults'])
        expect(stage.belay('status'), 0, 'State        FAULT', 'N BAD, ', ' ms old', 'Remedy: ',
               'height     not known: position or tension is not read well')
        expect(stage.belay_when_stopped('recover', 'climber', 'load_cell'), 0)
        expect(stage.belay('status'), 0, 'RECOVERY WITHOUT load_cell, ', ' s left, NO CLEAR')


def test_status_says_that_belayd_shuts_down():
    with Stage() as stage:
        expect(stage.belay('arm'), 0)
        jog = stage.begin('jog', 'climber', '--speed', '-0.4', '--for', '30')
        stage.until(runs)
        stage.controller.terminate()
        said = stage.belay('status')
        while said.returncode == 0 and 'SHUTTING DOWN' not in said.stdout:  # the signal takes its time
            said = stage.belay('status')
        expect(said, 0, 'belayd IS SHUTTING DOWN: it stops what moves, then ends')
        assert 'To show mode' not in said.stdout, said.stdout
        jog.communicate(timeout=30)


def test_two_people_recover_without_the_load_cell():
    with Stage() as stage:
        expect(stage.belay('clear', 'climber'), 1, 'no_recovery', 'not in recovery')
        expect(stage.belay('recover', 'climber', 'load_cell'), 1, 'sensor_good', 'reads well')
        expect(stage.belay('recover', 'climber', 'brake'), 2, "'brake' is no sensor", 'way_down or off')
        expect(stage.belay('recover', 'nobody', 'encoder'), 1, 'unknown_axis')
        expect(stage.belay('recover', 'climber', 'way_down'), 1, 'down_open', 'lower by jog')
        short_load_cell(stage)
        # On its way out of the range it first pulls hard, which a reset would tolerate.
        stage.until(lambda state: 'tension_implausible' in state['axes'][0]['faults'])
        expect(stage.belay_when_stopped('reset'), 1, 'cause_remains', 'belay recover')
        expect(stage.belay('jog', 'climber', '--speed', '0.1', '--for', '1'), 1, 'Not run')
        assert 'holds, press 1, and is not heard: ' in stage.log_text()
        expect(stage.belay('recover', 'climber', 'Load-Cell'), 0, 'without its load_cell', 'belay reset climber',
               'belay arm climber', 'belay clear climber')
        expect(stage.belay('reset'), 0)
        expect(stage.belay('arm'), 0)
        expect(stage.belay('jog', 'climber', '--speed', '0.1', '--for', '1'), 1, 'no_clear', 'second person')
        expect(stage.belay('clear', 'climber'), 0, 'Clear given', 'by their connections alone')
        recovery = stage.state()['axes'][0]['recovery']
        assert recovery['without'] == 'load_cell' and recovery['left_s'] > 590, recovery
        assert 0 < recovery['clear_s'] <= 30, recovery
        expect(stage.belay('status'), 0, 'RECOVERY WITHOUT load_cell', 'clear for')
        expect(stage.belay('jog', 'climber', '--speed', '0.1', '--for', '1'), 0)
        expect(stage.belay_when_stopped('jog', 'climber', '--speed', '0.4', '--for', '1'), 1, 'limit')
        expect(stage.belay('jog', 'climber', '--speed', '-0.1', '--for', '1'), 1, 'unfelt', 'only down')
        log = stage.log_text()
        assert 'asks for a recovery of climber without its load_cell' in log and 'clear' in log, log
        expect(stage.belay('recover', 'climber', 'off'), 0, 'recovery of climber ends')
        stage.until(lambda state: state['axes'][0]['recovery'] is None and state['state'] == 'fault')


def test_a_hand_that_is_gone_stops_the_winch():
    for kind in (signal.SIGSTOP, signal.SIGKILL):
        with Stage() as stage:
            stage.ready()
            go = stage.begin('go', '1')
            stage.until(runs)
            with stage.watching() as states:
                assert runs(next(states))
                gone_us = time.monotonic_ns() // 1000
                go.send_signal(kind)
                stopped = next(state for state in states if not runs(state))
            after_ms = (stopped['t_us'] - gone_us) / 1000
            assert after_ms < 300, f'{after_ms} ms: permission 200 ms, a cycle, and a period of telemetry'
            stage.until(stands)
            if kind == signal.SIGSTOP:
                assert 'its hold was not renewed in time' in stage.log_text()
                go.send_signal(signal.SIGCONT)
                assert go.wait(10) == 1
                assert 'did not renew its own hold' in go.stdout.read()
                assert stands(stage.state()), 'a hand that comes back moves nothing'
            go.communicate(timeout=10)


def test_a_killed_belayd_ends_go_with_code_3():
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        stage.controller.kill()
        text = go.communicate(timeout=10)[0]
        assert go.returncode == 3 and 'Use the E-stop' in text, text
        expect(stage.belay('status'), 3, 'is left over')
        stage.start_belayd()
        state = stage.state()  # on a busy computer belayd is back only after the drive's watchdog has tripped it
        tripped = state['state'] == 'fault' and state['axes'][0]['faults'] == ['drive_fault']
        assert state['state'] == 'disarmed' or tripped, f'nothing resumes by itself: {state}'
        assert not state['armed'] and not state['permission']['alive'], f'nothing resumes by itself: {state}'
        stage.until(stands)


DRIVE, BLOCK = 1, 4  # units
TORQUE_LET = 0x0008  # of the block's inputs: the chain lets the drive make torque


def register_of(port, unit, wire):
    """One holding register, over a connection of our own."""
    with socket.create_connection(('127.0.0.1', port), 2) as link:
        link.sendall(bytes([0, 1, 0, 0, 0, 6, unit, 3, wire >> 8, wire & 255, 0, 1]))
        reply = link.recv(64)
    assert len(reply) == 11 and reply[7] == 3, reply
    return reply[9] << 8 | reply[10]


def test_a_failed_assertion_ends_in_the_drives_quick_stop():
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        words = []
        stage.controller.send_signal(signal.SIGABRT)  # what assert() does to its process
        end = time.monotonic() + 0.12  # well before the drive's own watchdog would act, 150 ms after the last word
        while time.monotonic() < end and 0x0002 not in words:
            words.append(register_of(stage.ports[0], DRIVE, 0x0100))
        assert 0x0002 in words, f'no quick stop among the controlwords {sorted(set(words))}'
        assert stage.controller.wait(5) == -signal.SIGABRT
        expect_end = go.wait(10)
        assert expect_end == 3, expect_end


def test_a_hung_belayd_opens_the_chain_at_the_relay():
    """Nobody presses anything: the pulse that belayd no longer makes is what the safety relay misses."""
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        assert register_of(stage.ports[1], BLOCK, 0x0000) & TORQUE_LET
        stage.controller.send_signal(signal.SIGSTOP)
        try:
            end = time.monotonic() + 3  # the relay's time, the off-delay, and a busy computer
            while register_of(stage.ports[1], BLOCK, 0x0000) & TORQUE_LET:
                assert time.monotonic() < end, 'the chain still lets the drive make torque'
                time.sleep(0.01)
        finally:
            stage.controller.send_signal(signal.SIGCONT)
        stage.until(stands)
        state = stage.state()
        assert not state['permission']['alive'] and state['state'] == 'fault', f'nothing resumes by itself: {state}'
        assert go.wait(10) in (1, 3)


def test_a_second_belayd_is_refused():
    with Stage() as stage:
        for name in ('same', 'other'):
            environment = dict(stage.environment)
            if name == 'other': # other sockets, but the same winch
                environment['BELAY_SOCKET'] = str(stage.directory / 'other')
            second = subprocess.run([BELAYD, '--rig', stage.rig, '--profiles', PROFILES, *stage.record],
                                    env=environment, capture_output=True, text=True, check=False, timeout=20)
            assert second.returncode == 1 and 'another belayd' in second.stderr, second
        assert stage.state()['state'] == 'disarmed', 'the first one serves on'


def test_sigterm_stops_before_the_end():
    with Stage() as stage:
        stage.ready()
        go = stage.begin('go', '1')
        stage.until(runs)
        stage.controller.send_signal(signal.SIGTERM)
        assert stage.controller.wait(10) == 0
        log = stage.log_text()
        assert 'all axes stand' in log and 'climber: running -> stopping' in log, log
        assert not (stage.directory / 'operate').exists()
        go.communicate(timeout=10)
        assert go.returncode in (1, 3)


def test_one_axis_is_armed_and_reset_by_its_name():
    with Stage() as stage:
        expect(stage.belay('reset', 'nobody'), 1, 'unknown_axis')
        expect(stage.belay('arm', 'climber'), 0, 'climber is armed')
        expect(stage.belay('arm', 'climber'), 1, 'already_armed')
        expect(stage.belay('reset', 'climber'), 0, 'Nothing was latched on climber', 'DISARMED')
        assert stage.state()['state'] == 'disarmed'


if __name__ == '__main__':
    with steady.from_environment() as the_witness:
        tap.run(tap.module_checks(sys.modules[__name__]), the_witness)
