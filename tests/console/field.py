"""The real thing for console tests: belay-sim and belayd on free-climb, on free ports, in a directory of their own."""
import contextlib
import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

from desk import Failed, check, wait

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCENE = ROOT / "sim/scenarios/free-climb"
PROFILES = ROOT / "controller/drive/profiles"


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Field:
    """Simulator and controller; use as a context."""

    def __init__(self, belayd, simulator, ladder=None):
        self.kept = tempfile.TemporaryDirectory(prefix="belay-field-")
        self.directory = pathlib.Path(self.kept.name)
        self.path = str(self.directory / "operate")
        self.log = open(self.directory / "log", "w+b")
        ports = free_ports(2)
        rig = (SCENE / "rig.yaml").read_text(encoding="utf-8")
        for old, new in zip((1502, 1503), ports):
            check(rig.count(f"port: {old}\n") == 1, f"the rig's port {old}")
            rig = rig.replace(f"port: {old}\n", f"port: {new}\n")
        if ladder is not None:
            rig, changed = re.subn(r"^ladder_percent: \[.*?\]", f"ladder_percent: {ladder}", rig, flags=re.MULTILINE)
            check(changed == 1, "the rig's ladder")
        (self.directory / "rig.yaml").write_text(rig, encoding="utf-8")
        stage = str(self.directory / "stage")
        self.processes = []
        self.simulator = self.start(simulator, "--world", SCENE / "world.yaml", "--ports",
                                    ",".join(map(str, ports)), "--stage", stage)
        self.director = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wait(lambda: self.director.connect_ex(stage) == 0, "belay-sim's stage")  # its file is there a little before it
        self.controller = self.start(belayd, "--rig", self.directory / "rig.yaml", "--profiles", PROFILES,
                                     "--no-record",
                                     "--show", SCENE / "show.yaml", "--socket", self.path)

    def start(self, *command):
        process = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.director.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if kind is not None:
            print((self.directory / "log").read_text(errors="replace"), flush=True)
        self.log.close()
        self.kept.cleanup()

    def direct(self, **direction):
        """A stage direction; gives the simulator's reply."""
        self.director.send(json.dumps(direction).encode())
        reply = json.loads(self.director.recv(4096))
        if "error" in reply:
            raise Failed(f"{direction}: {reply['error']}")
        return reply

    def truth(self):
        return self.direct(do="truth")

    def stands(self):
        """The brake holds the drum."""
        truth = self.truth()
        return truth["brake_closed"] and abs(truth["rope_speed_m_s"]) < 0.01

    def expect_stands(self, timeout_s=5):
        wait(self.stands, "the winch to stand", timeout_s)
