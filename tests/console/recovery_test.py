#!/usr/bin/python3
"""Two people at two consoles bring somebody down without a sensor that failed, against a fake belayd of two winches.

Usage: recovery_test.py CONSOLE PICTURES [NAME...]    prints TAP; PNGs go into the directory PICTURES
"""
import os
import sys

import display

display.enter()

from desk import Desk, Fake, check, pause, picture, wait, xdotool  # noqa: E402

CONSOLE, PICTURES = sys.argv[1], sys.argv[2]
TEXTS = {"text": "Load cell and drive torque contradict each other", "remedy": "Check the load cell, then reset."}
FAULT = dict(TEXTS, fault="tension_implausible")
FAILED = {"state": "fault", "faults": ["tension_implausible"]}
PANEL, BEGIN = "Recovery", "Recover without LOAD CELL"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def fail(desk, axes):
    """A load cell of winch-1 contradicts the drive."""
    first = dict(FAULT, axis="winch-1", station=None, t_us=1, cause="A cable.")
    desk.fake.tell(set={"state": "fault", "first_out": first, "faults": [FAULT], "axes": axes})


def shown(desk, name):
    return any(node.name == name for _, node in desk.screen.tree())


def twice(desk, name):
    """Two presses, far enough from each other."""
    desk.screen.expect_enabled(name)
    desk.point(name)
    xdotool("click", 1)
    pause()
    xdotool("click", 1)


@test
def a_recovery_is_begun_with_two_presses_where_a_sensor_failed():
    with Desk(CONSOLE, axes=2) as desk:
        desk.screen.expect("Faults", "No faults")
        check(not shown(desk, "Recover") and not shown(desk, PANEL), "nothing of it while all is well")
        fail(desk, [FAILED, {}])
        desk.screen.expect_enabled("Recover")
        check(not shown(desk, PANEL), "offered, not forced upon anybody")
        reset = desk.screen.area("Reset")
        desk.screen.click("Recover")
        desk.screen.expect(PANEL, "Recovery of winch-1: does somebody hang there?")
        picture(PICTURES, "recovery-offer")
        check(desk.screen.area("Reset") == reset, "RESET moved")
        check(not shown(desk, "Recover without ENCODER") and not shown(desk, "Give clear"), "only what applies")
        since = desk.fake.mark()
        desk.screen.click(BEGIN)
        desk.screen.expect_label("TWO PEOPLE THERE?")
        pause()
        check(not desk.fake.asked("Recovery.Begin", since), "one press begins nothing")
        desk.screen.click("Close recovery")
        wait(lambda: not shown(desk, PANEL), "the plot again")
        desk.screen.click("Recover")
        wait(lambda: shown(desk, BEGIN), "the offer again")
        check("WITHOUT\nLOAD CELL" in desk.screen.labels(), "asked anew")
        twice(desk, BEGIN)
        check(desk.expect_request("Recovery.Begin", since) == {"axis": "winch-1", "without": "load_cell"}, "wrong one")
        desk.screen.expect(PANEL, "RECOVERY winch-1 without load cell: 10 min 00 s left, at most 0.30 m/s, down")
        check(not shown(desk, "Recover"), "one at a time")


@test
def a_refusal_is_said():
    with Desk(CONSOLE, axes=2) as desk:
        fail(desk, [FAILED, {}])
        desk.fake.tell(refuse={"Recovery.Begin": ["sensor_good", "winch-1: That sensor reads well."]})
        desk.screen.expect_enabled("Recover")
        desk.screen.click("Recover")
        wait(lambda: shown(desk, BEGIN), "the offer")
        twice(desk, BEGIN)
        desk.screen.expect("Message", "winch-1: That sensor reads well.")
        check(shown(desk, BEGIN), "still offered")


@test
def two_people_at_two_consoles():
    with Desk(CONSOLE, axes=2) as desk, Desk(CONSOLE, fake=False, path=desk.path) as other:
        main, second = desk.window(), other.window()
        fail(desk, [FAILED, {}])
        desk.fake.tell(set={"axes": [{"jog_speed_max_m_s": 0.1}]})
        xdotool("windowraise", main)
        desk.screen.expect_enabled("Recover")
        desk.screen.click("Recover")
        wait(lambda: shown(desk, BEGIN), "the offer")
        since = desk.fake.mark()
        twice(desk, BEGIN)
        desk.expect_request("Recovery.Begin", since)
        for each in (desk, other):  # on every client
            each.screen.expect(PANEL, "without load cell")
            each.screen.expect(PANEL, "at most 0.10 m/s, down only")
            each.screen.expect(PANEL, "Step 1 of 4: RESET")
            each.screen.expect("winch-1", "RECOVERY without load_cell")
        wait(lambda: "9 min 5" in other.screen.description(PANEL), "it to count down")
        desk.screen.click("Reset")
        desk.screen.expect(PANEL, "Step 2 of 4: ARM")
        desk.arm()
        desk.screen.expect(PANEL, "Step 3 of 4: a second person, who sees the load, gives CLEAR")
        desk.screen.expect_enabled("Give clear", False)
        desk.screen.expect_label("You began this: somebody else, elsewhere.")
        xdotool("windowraise", second)
        other.screen.expect_label("Second person: I see the load, it may move.")
        picture(PICTURES, "recovery-second")
        since = desk.fake.mark()
        other.click("Give clear")
        check(desk.expect_request("Recovery.Clear", since) == {"axis": "winch-1"}, "the wrong winch")
        xdotool("windowraise", main)
        desk.screen.expect(PANEL, "Step 4 of 4: choose the way, then hold. Clear for ")
        picture(PICTURES, "recovery-first")
        wait(lambda: "Clear for 28 s" in desk.screen.description(PANEL), "the clear to count down")
        other.screen.click("Give clear")
        desk.screen.expect(PANEL, "Clear for 30 s")
        desk.click("Pay out")
        desk.press()
        jog = desk.expect_request("Axis.Jog", since)
        check(jog["axis"] == "winch-1" and 0 < jog["speed_m_s"] <= 0.1, f"wrong jog: {jog}")
        desk.release()
        desk.expect_request("Permission.End", since)
        twice(desk, "End recovery")
        check(desk.expect_request("Recovery.End", since) == {"axis": "winch-1"}, "the wrong winch")
        for each in (desk, other):
            wait(lambda each=each: not shown(each, PANEL), "the plot again")


@test
def a_recovery_of_another_winch_is_shown_and_says_which_to_choose():
    with Desk(CONSOLE, axes=2) as desk:
        recovery = {"without": "encoder", "left_s": 61, "clear_s": 0}
        desk.fake.tell(auto=False, set={"axes": [{}, {"state": "armed", "recovery": recovery}]})
        desk.screen.expect(PANEL, "RECOVERY winch-2 without encoder: 1 min 01 s left")
        desk.screen.expect(PANEL, "Choose winch-2 in its row. Step 3 of 4")
        desk.screen.expect_enabled("Give clear")
        desk.screen.click("Choose winch-2")
        wait(lambda: "Choose" not in desk.screen.description(PANEL), "it to be chosen")
        since = desk.fake.mark()
        desk.fake.tell(auto=False, set={"permission": {"alive": True, "session": 1, "press": 5}})
        desk.screen.expect_enabled("Give clear", False)  # this console is session 1
        desk.screen.expect_label("You hold: somebody else, elsewhere.")
        check(not desk.fake.asked("Recovery.Clear", since), "nothing was asked")


@test
def who_only_looks_sees_it_and_may_nothing():
    with Desk(CONSOLE, fake=False) as desk:
        desk.fake = Fake(desk.path, 2)
        desk.fake.tell(hello={"role": "view"}, set={"axes": [{"recovery": {"without": "way_down", "left_s": 9,
                                                                           "clear_s": 9}}]}, auto=False)
        desk.screen.expect(PANEL, "without way down: 0 min 09 s left", 20)
        for name in ("Give clear", "End recovery"):
            desk.screen.expect_enabled(name, False)
        desk.screen.expect_label("View only: may not operate.")


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[3:])
