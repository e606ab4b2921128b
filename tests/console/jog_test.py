#!/usr/bin/python3
"""A jog is held on the real belayd, and the console loses the keyboard, hangs, loses its socket or changes what the
hold means: the drum stands within the time that the rig promises, and nothing moves again before a new press.

Usage: jog_test.py CONSOLE BELAYD BELAY_SIM [NAME...]    prints TAP, and the times on standard error
BELAY_TEST_RUNS: how often each is done, 1 when it is not set.
"""
import os
import re
import signal
import socket
import statistics
import sys
import threading
import time

import display

display.enter()

from desk import Desk, check, wait, xdotool  # noqa: E402
from field import SCENE, Field  # noqa: E402

CONSOLE, BELAYD, SIMULATOR = sys.argv[1:4]
RUNS = int(os.environ.get("BELAY_TEST_RUNS", "1"))
JOG_M_S = 0.5  # the fastest that the rig has
ROOM_M = 2.0   # slack rope to take in
WAYS = ("Take in", "Pay out")
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def of_rig(key):
    """A number of the rig file that has one axis."""
    found = re.findall(rf"^ *{key}: ([0-9.]+)", (SCENE / "rig.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    check(len(set(found)) == 1, f"{key} in the rig: {found}")
    return float(found[0])


def promised_ms(way):
    """The life of a permission, the cycle that sees its end, the reaction, and the rig's ramp from jog speed."""
    deceleration = of_rig("stop_payout_deceleration_m_s2" if way == "Pay out" else "stop_takein_deceleration_m_s2")
    waits_ms = sum(map(of_rig, ("permission_ms", "cycle_ms", "reaction_ms", "jerk_ms")))
    return waits_ms + JOG_M_S / deceleration * 1000


class Relay:
    """Between console and belayd: a socket that can be lost while both live."""

    def __init__(self, path, to):
        self.path, self.to, self.ends = path, to, []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            far.connect(self.to)
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        try:
            while packet := source.recv(81920):
                sink.send(packet)
        except OSError:
            pass
        self.end(source, sink)

    def end(self, *ends):
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        ends, self.ends = self.ends, []
        self.end(*ends)

    def close(self):
        self.listener.close()
        self.cut()


class Jog:
    """A winch with slack rope below it, its console behind a relay."""

    def __enter__(self):
        self.field = Field(BELAYD, SIMULATOR, ladder=[100]).__enter__()
        self.standstill_m_s = of_rig("standstill_speed_m_s")
        try:
            self.relay = Relay(str(self.field.directory / "relay"), self.field.path)
            self.desk = Desk(CONSOLE, fake=False, path=self.relay.path).__enter__()
            self.screen = self.desk.screen
            self.prepare()
            return self
        except BaseException:
            self.field.__exit__(*sys.exc_info())
            raise

    def __exit__(self, *reason):
        try:
            self.desk.__exit__(*reason)
        finally:
            self.relay.close()
            self.field.__exit__(*reason)

    def prepare(self):
        self.screen.expect("Field links", "2 up")
        self.field.direct(do="act", act="ascend", speed_m_s=2.0)
        wait(lambda: self.field.truth()["slack_m"] > ROOM_M, "slack rope", 30)
        self.field.direct(do="act", act="stand")
        self.desk.walk("WALK 100 %")
        self.desk.arm()
        self.desk.click(f"Jog speed {JOG_M_S:.2f} m/s")

    def speed_m_s(self):
        return abs(self.field.truth()["rope_speed_m_s"])

    def choose(self, way):
        offer = f"HOLD moves climber {'out' if way == 'Pay out' else 'in'} at {JOG_M_S:.2f} m/s"
        if offer not in self.screen.description("Next press"):  # a second click takes the choice back
            self.desk.choose(way, offer)

    def down(self, source):
        if source == "space":
            xdotool("keydown", "space")
        else:
            self.desk.press()
        wait(lambda: self.speed_m_s() > 0.95 * JOG_M_S, "the jog at its full speed", 5)

    def up(self, source):
        xdotool(*(("keyup", "space") if source == "space" else ("mouseup", 1)))

    def stands_after_ms(self, from_us):
        """From a moment until the drum stands, by the simulator's own clock; it has to stay."""
        truth = {}

        def stands():
            truth.update(self.field.truth())
            return abs(truth["rope_speed_m_s"]) <= self.standstill_m_s

        wait(stands, "the drum to stand", 5)
        return (truth["t_us"] - from_us) / 1000

    def expect_rest(self, when):
        end_s = time.monotonic() + 0.7
        while time.monotonic() < end_s:
            speed = self.speed_m_s()
            check(speed <= self.standstill_m_s, f"{when} the drum moves at {speed:.3f} m/s")
            time.sleep(0.005)

    def run(self, way, source, happens, mends, ready):
        """One jog that is cut short: how long the drum turned on, in ms."""
        self.choose(way)
        ready(way)
        self.down(source)
        from_us = time.monotonic_ns() // 1000
        happens()
        took_ms = self.stands_after_ms(from_us)
        print(f"{way}: {took_ms:.0f} ms of {promised_ms(way):.0f}", file=sys.stderr, flush=True)
        check(took_ms <= promised_ms(way), f"{way}: it stood after {took_ms:.0f} ms, {promised_ms(way):.0f} promised")
        self.expect_rest("still pressed,")
        mends()
        self.screen.expect("Held by", "nobody")
        self.screen.expect_enabled("Hold to run")
        self.expect_rest("mended, still pressed,")
        self.up(source)
        self.expect_rest("let go,")
        return took_ms

    def runs(self, what, source, happens, mends=lambda: None, ready=lambda way: None):
        """Alternates the ways; that a new press moves is where the next run begins, and the last of all."""
        took_ms = {way: [] for way in WAYS}
        for i in range(2 * RUNS):
            way = WAYS[i % 2]
            took_ms[way].append(self.run(way, source, happens, mends, ready))
        self.choose(WAYS[0])
        self.down(source)
        self.up(source)
        self.field.expect_stands()
        for way, all_ms in took_ms.items():
            print(f"{what:28} {way:8} {len(all_ms):4} {min(all_ms):6.0f} {statistics.median(all_ms):6.0f} "
                  f"{max(all_ms):6.0f} {promised_ms(way):8.0f}", file=sys.stderr, flush=True)


@test
def loses_the_keyboard():
    with Jog() as jog, Desk(CONSOLE, fake=False) as other:
        main = jog.desk.window()
        xdotool("windowraise", main)
        jog.desk.focus(main)
        jog.runs("another window takes the keys", "space", lambda: xdotool("windowfocus", other.window()),
                 lambda: jog.desk.focus(main))


@test
def hangs():
    with Jog() as jog:
        console = jog.desk.console
        jog.runs("console hangs (SIGSTOP)", "pointer", lambda: console.send_signal(signal.SIGSTOP),
                 lambda: console.send_signal(signal.SIGCONT))


@test
def loses_its_socket():
    with Jog() as jog:
        jog.runs("connection to belayd lost", "pointer", jog.relay.cut,
                 lambda: jog.screen.expect("Controller", "ARMED"))


@test
def changes_the_way():
    with Jog() as jog:
        jog.runs("the other way is chosen", "space", lambda: xdotool("click", 1),
                 ready=lambda way: jog.desk.point(WAYS[1 - WAYS.index(way)]))


@test
def changes_what_space_means():
    with Jog() as jog:
        jog.runs("\"Space holds\" is switched", "space", lambda: xdotool("click", 1),
                 ready=lambda way: jog.desk.point("Space holds"))


display.run_all(TESTS, sys.argv[4:])
