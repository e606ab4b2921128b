#!/usr/bin/python3
"""The console flies the real belayd over real Modbus TCP: a climber is belayed, stopped, caught and lowered.

Usage: flight_test.py CONSOLE BELAYD BELAY_SIM PICTURES [NAME...]    prints TAP; PNGs go into the directory PICTURES
"""
import os
import signal
import sys
import time

import display

display.enter()

from desk import Desk, check, colours_of, wait, xdotool  # noqa: E402
from field import Field  # noqa: E402

CONSOLE, BELAYD, SIMULATOR, PICTURES = sys.argv[1:5]
MOTION = ("GO", "Hold to run", "Pay out", "Take in")
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Flight:
    """Field and desk together; the climber stands at the foot of the cliff."""

    def __init__(self, arguments=()):
        self.arguments = arguments

    def __enter__(self):
        self.field = Field(BELAYD, SIMULATOR).__enter__()
        try:
            self.desk = Desk(CONSOLE, fake=False, path=self.field.path, arguments=self.arguments).__enter__()
            self.screen = self.desk.screen
            self.screen.expect("Machine", "REHEARSAL")
            self.screen.expect("Field links", "2 up")
            return self
        except BaseException:
            self.field.__exit__(*sys.exc_info())
            raise

    def __exit__(self, *reason):
        try:
            self.desk.__exit__(*reason)
        finally:
            self.field.__exit__(*reason)

    def belay(self):
        """Walk-through, arm, GO, hold, rope taut: the climber is belayed. The button stays held."""
        self.desk.walk("WALK 10 %")
        self.desk.arm()
        self.desk.choose("GO", "HOLD runs cue 1: Belay the climber")
        self.desk.press()
        self.screen.expect("climber", "FOLLOWING")
        self.screen.expect("climber Tension", "in band", 20)

    def climb_to(self, height_m):
        self.field.direct(do="act", act="ascend", speed_m_s=0.8)
        wait(lambda: self.field.truth()["height_m"] >= height_m, f"the climber at {height_m} m", 30)

    def fall(self):
        self.climb_to(6.0)
        self.field.direct(do="act", act="fall")
        self.screen.expect("climber", "FALL CAUGHT")


@test
def belays_while_held_and_stops_when_released():
    with Flight() as flight:
        check(flight.field.truth()["brake_closed"], "the brake is closed at the start")
        flight.belay()
        flight.climb_to(3.0)
        check(not flight.field.truth()["brake_closed"], "the winch belays with an open brake")
        flight.field.direct(do="act", act="stand")
        flight.desk.release()
        flight.field.expect_stands()
        flight.screen.expect("Controller", "ARMED")
        flight.screen.expect("climber", "brake closed")
        flight.screen.expect("Held by", "nobody")


@test
def escape_stops_although_the_button_stays_down():
    with Flight() as flight:
        flight.belay()
        xdotool("key", "Escape")
        flight.field.expect_stands()
        flight.screen.expect("Next press", "Stopped, line locked. Let go; ask the climber, UNLOCK, then GO.")
        end_s = time.monotonic() + 1
        wait(lambda: not flight.field.stands() or time.monotonic() > end_s, "a second of standing")
        check(flight.field.stands(), "nothing starts again under the same press")
        flight.desk.release()


@test
def a_fall_is_shown_and_the_climber_is_lowered():
    with Flight() as flight:
        flight.belay()
        flight.fall()
        flight.screen.expect("climber", "LINE LOCKED")
        flight.screen.expect("Faults", "FIRST: Fall caught")
        flight.field.expect_stands()
        flight.desk.release()
        flight.screen.expect_enabled("Reset")
        flight.screen.click("Reset")
        flight.screen.expect("Controller", "DISARMED")
        flight.desk.arm()
        flight.screen.expect_enabled("Take in", False)
        flight.desk.click("Pay out")
        before_m = flight.field.truth()["height_m"]
        flight.desk.press()
        flight.screen.expect("climber", "JOGGING")
        wait(lambda: flight.field.truth()["height_m"] < before_m - 0.1, "the climber to be lowered")
        flight.desk.release()
        flight.field.expect_stands()


@test
def an_estop_takes_everything_away():
    with Flight() as flight:
        flight.belay()
        flight.field.direct(do="estop", station="cliff top", pressed=True)
        flight.screen.expect("E-stop chain", "OPEN: cliff top")
        flight.screen.expect("Faults", "FIRST: Emergency stop")
        flight.field.expect_stands()
        for name in MOTION + ("Arm", "Reset"):
            flight.screen.expect_enabled(name, False)
        flight.desk.release()
        flight.field.direct(do="estop", station="cliff top", pressed=False)
        flight.screen.expect("E-stop chain", "CLOSED")
        flight.screen.expect_enabled("Reset")
        check(flight.field.stands(), "a closed chain starts nothing")
        flight.screen.click("Reset")
        flight.screen.expect("Controller", "DISARMED")


@test
def a_stopped_belayd_is_seen_and_the_winch_stands():
    with Flight() as flight:
        flight.belay()
        flight.field.controller.send_signal(signal.SIGSTOP)
        flight.screen.expect("climber Position", "--")
        flight.screen.expect("Controller", "UNKNOWN")
        for name in MOTION:
            flight.screen.expect_enabled(name, False)
        check(flight.screen.enabled("STOP (all axes, controlled)"), "STOP is always offered")
        flight.field.expect_stands()
        flight.field.controller.send_signal(signal.SIGCONT)
        flight.screen.expect("Faults", "FIRST")
        check(flight.field.stands(), "nothing resumes by itself")


@test
def a_dead_console_lets_the_winch_stand():
    with Flight() as flight:
        flight.belay()
        flight.desk.console.send_signal(signal.SIGKILL)
        flight.field.expect_stands()
        raise display.Done


@test
def a_hung_console_lets_the_winch_stand():
    with Flight() as flight:
        flight.belay()
        flight.desk.console.send_signal(signal.SIGSTOP)
        flight.field.expect_stands()
        flight.desk.console.send_signal(signal.SIGCONT)
        flight.screen.expect("Held by", "nobody")
        check(flight.field.stands(), "nothing resumes by itself")


@test
def a_dead_field_is_named():
    with Flight() as flight:
        flight.belay()
        flight.field.simulator.kill()
        flight.screen.expect("Faults", "FIRST: ")
        flight.screen.expect("Field links", " down")
        flight.screen.expect("climber Position", "--")


@test
def photographs_itself_in_the_climb():
    path = os.path.join(PICTURES, "climb.png")
    if os.path.exists(path):
        os.unlink(path)
    with Flight(arguments=("--screenshot", path, "--after", "12")) as flight:
        flight.belay()
        flight.field.direct(do="act", act="climb")
        belays = False
        while flight.desk.console.poll() is None:
            belays = not flight.field.truth()["brake_closed"]
            time.sleep(0.05)
        check(flight.desk.console.returncode == 0, "the console ends well after its screenshot")
        check(belays, "something stopped the winch before: the picture is not of a climb")
        width, height, colours = colours_of(path)
        check((width, height) == tuple(map(int, display.screen_size().split("x"))), f"it is {width}x{height}")
        check(len(colours) > 60, f"only {len(colours)} colours")
        raise display.Done


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[5:])
