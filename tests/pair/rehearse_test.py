"""`belay rehearse` with a person at the console, at the keys of its terminal: programs that die and come back, a second
rehearsal, a killed one, and a display that is dead. The console is pretended, the other programs are real."""

import contextlib
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tests/scripts'))

import steady  # noqa: E402
import tap  # noqa: E402

BELAY, BELAYD, SIM = map(pathlib.Path, sys.argv[1:4])
WAIT_S = 20
CONSOLE = '#!/bin/sh\nexec sleep 1000\n'
NO_DISPLAY = '#!/bin/sh\necho "Gtk-WARNING **: cannot open display: :77" >&2\nexit 1\n'


def wait(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f'waited {WAIT_S} s for {what}'
        time.sleep(0.02)


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return ','.join(str(one.getsockname()[1]) for one in sockets)


class House:
    """A build tree of its own with a pretended console, and a place for run directories."""

    def __init__(self, console=CONSOLE):
        self.kept = tempfile.TemporaryDirectory(prefix='belay-house-')
        self.root = pathlib.Path(self.kept.name)
        self.runs = self.root / 'runs'
        self.runs.mkdir()
        for folder in ('sim/cli', 'controller', 'console'):
            (self.root / folder).mkdir(parents=True)
        self.belay = self.root / 'sim/cli/belay'
        shutil.copy(BELAY, self.belay)
        (self.root / 'sim/cli/source-dir').write_text(str(ROOT) + '\n')
        (self.root / 'controller/belayd').symlink_to(BELAYD.resolve())
        (self.root / 'sim/belay-sim').symlink_to(SIM.resolve())
        script = self.root / 'console/belay-console'
        script.write_text(console)
        script.chmod(0o755)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.runs), DISPLAY=':77')
        self.environment.pop('WAYLAND_DISPLAY', None)
        self.ports = free_ports(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kept.cleanup()

    def directories(self):
        return sorted(self.runs.iterdir())

    def command(self, *words):
        return [str(self.belay), 'rehearse', *map(str, words)]

    def run(self, *words):
        return subprocess.run(self.command(*words), env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=60)


class Session:
    """A rehearsal in a terminal of its own; use as a context."""

    def __init__(self, house, *words):
        self.house, self.text, self.seen = house, '', 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(str(house.belay), house.command('--ports', house.ports, *words), house.environment)
        self.code = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        with contextlib.suppress(OSError):
            while data := os.read(self.terminal, 4096):
                self.text += data.decode(errors='replace')

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)
            self.end()
        os.close(self.terminal)
        if kind is not None:
            said = [line for line in re.split(r'[\r\n]+', self.text) if not re.search(r'\d s  ', line)]  # no live lines
            print('\n'.join('# ' + line for line in said))

    def end(self):
        """The exit code, once it has ended."""
        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            return self.code is not None
        wait(ended, 'the end of the rehearsal')
        self.reader.join(WAIT_S)
        return self.code

    def expect(self, words):
        """What it says from here on holds these words; what comes next is behind them."""
        wait(lambda: words in self.text[self.seen:], f'"{words}" in: {self.text[self.seen:][-600:]}')
        self.seen = self.text.index(words, self.seen) + len(words)

    def key(self, key, *words):
        os.write(self.terminal, key.encode())
        for one in words:
            self.expect(one)

    def state(self):
        """What belayd says, None when it says nothing."""
        path = next(self.house.runs.glob('belay-rehearsal-*/operate'), None)
        done = subprocess.run([self.house.belay, 'status', '--json'], capture_output=True, text=True, check=False,
                              env=dict(self.house.environment, BELAY_SOCKET=str(path)))
        return json.loads(done.stdout) if done.returncode == 0 else None

    def until(self, holds, what):
        wait(lambda: (state := self.state()) is not None and holds(state), what)

    def children(self):
        found = pathlib.Path(f'/proc/{self.pid}/task/{self.pid}/children').read_text().split()
        return [int(pid) for pid in found]


def good(state):
    return all(link['state'] == 'up' for link in state['links']) and state['estop']['known']


# ---------------------------------------------------------------------------------------------------------------------


def test_the_keys_are_listed_and_q_ends():
    with House() as house, Session(house) as session:
        session.expect('Keys in this terminal:')
        for key in 'eEflsbBmMcC?q':
            session.expect(f'  {key}  ')
        session.key('x', 'Key ? lists the keys')
        session.key('?', 'Keys in this terminal:')
        session.until(good, 'good readings')
        session.key('q')
        assert session.end() == 0
        assert not house.directories()


def test_the_estop_is_pressed_and_released():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.until(lambda state: good(state) and state['estop']['a_closed'], 'a closed chain')
        session.key('e', 'E-stop station belay desk is pressed.')
        session.until(lambda state: not state['estop']['a_closed'] and state['state'] == 'fault', 'the emergency stop')
        session.key('e', 'E-stop station belay desk is released.')
        session.until(lambda state: state['estop']['a_closed'], 'a closed chain')


def test_the_climber_does_what_can_be_done():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.key('s', 'takes hold of the wall and stands')
        session.key('l', 'sits into the rope')
        session.key('f', 'not on the wall: nothing to fall from')
        session.key('l', 'not on the wall: nothing to let go of')
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.key('f', 'The climber falls.', 'The climber stands on the ground.')


def test_a_killed_belayd_is_told_and_started_again():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.until(good, 'good readings')
        session.key('b', 'belayd has ended: signal 9 (Killed). Key b starts it again.')
        session.key('b', 'belayd starts.')
        session.until(lambda state: good(state) and not state['armed'], 'a belayd that is not armed')
        session.key('q')
        assert session.end() == 0


def test_a_killed_simulator_is_told_and_started_again():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.until(good, 'good readings')
        session.key('m', 'belay-sim has ended: signal 9 (Killed). Key m starts it again.')
        session.until(lambda state: not good(state), 'lost links')
        session.key('e', 'The simulator does not answer')
        session.key('m', 'belay-sim starts.')
        session.until(good, 'links that come back')
        session.key('e', 'E-stop station belay desk is pressed.')


def test_a_killed_console_is_told_and_started_again():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.key('c', 'belay-console has ended: signal 9 (Killed). Key c starts it again.')
        session.key('c', 'belay-console starts.')
        assert len(session.children()) == 3


def test_a_program_that_somebody_else_kills_is_told_too():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        for pid in session.children():
            if 'belayd' in os.readlink(f'/proc/{pid}/exe'):
                os.kill(pid, signal.SIGSEGV)
        session.expect('belayd has ended: signal 11')
        session.key('B', 'belayd does not run. Key b starts it.')
        session.key('q')
        assert session.end() == 0


def test_programs_freeze_and_go_on():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.until(good, 'good readings')
        session.key('M', 'belay-sim is frozen (SIGSTOP).')
        session.until(lambda state: not good(state), 'silent devices')
        session.key('s', 'The simulator does not answer')
        session.key('M', 'belay-sim goes on (SIGCONT).')
        session.until(good, 'links that come back')
        session.key('B', 'belayd is frozen')
        session.key('C', 'belay-console is frozen')
        session.key('q')  # what is frozen ends too
        assert session.end() == 0


def test_a_start_that_fails_is_told_and_ends_nothing():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        session.key('b', 'Key b starts it again.')
        (house.root / 'controller/belayd').unlink()
        session.key('b', 'belayd starts.', 'belayd is not there. Key b starts it again.', 'belayd ended by itself')
        session.key('e', 'E-stop station belay desk is pressed.')


def test_the_terminal_is_left_as_it_was():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        os.kill(session.pid, signal.SIGINT)
        assert session.end() == 0
        modes = termios.tcgetattr(session.terminal)[3]
        assert modes & termios.ICANON and modes & termios.ECHO, modes


def test_a_second_rehearsal_names_the_first_and_a_way():
    with House() as house, Session(house) as session:
        session.expect('q  ends')
        second = house.run('--ports', house.ports)
        assert second.returncode == 1, second
        assert f'another rehearsal is running already (process {session.pid})' in second.stderr, second
        way = re.search(r'^  (.*) rehearse --ports (\d+,\d+)$', second.stderr, re.MULTILINE)
        assert way and way.group(1) == str(house.belay), second
        assert session.state(), 'the first one goes on'
        assert len(house.directories()) == 1


def test_what_a_killed_rehearsal_left_is_removed_and_nothing_lives_on():
    with House() as house:
        (house.runs / 'belay-rehearsal-kept').mkdir()  # as --keep leaves it
        with Session(house) as session:
            session.expect('q  ends')
            children = session.children()
            assert len(children) == 3
            session.key('M', 'frozen')
            os.kill(session.pid, signal.SIGKILL)
            session.end()
        wait(lambda: not any(pathlib.Path(f'/proc/{pid}').exists() for pid in children), 'the end of all programs')
        assert len(house.directories()) == 2
        with Session(house) as session:
            session.expect('q  ends')
            assert len(house.directories()) == 2, house.directories()
            session.key('q')
            session.end()
        assert [path.name for path in house.directories()] == ['belay-rehearsal-kept']


def test_an_impossible_out_is_refused_before_anything_starts():
    with House() as house:
        file = house.root / 'file'
        file.write_text('')
        for words in (('--headless',), (), ('--campaign', 'kill')):
            for out in (file, house.root / 'no/such/place'):
                done = house.run(*words, '--out', out)
                assert done.returncode == 2 and f'--out {out}: ' in done.stderr and not done.stdout, done
        assert not house.directories()


def test_a_dead_display_is_told_and_it_goes_on_headless():
    with House(NO_DISPLAY) as house, Session(house) as session:
        session.expect('The console cannot open its display (DISPLAY is :77): rehearsing headless')
        session.expect('The simulator and the controller start.')
        session.expect('GO: cue 1')  # a step of the script


with steady.from_environment() as the_witness:
    tap.run(tap.module_checks(sys.modules[__name__]), the_witness)
