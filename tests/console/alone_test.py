#!/usr/bin/python3
"""One winch by itself: somebody hangs there, and what is wrong is elsewhere. The console against a fake belayd of two
winches.

Usage: alone_test.py CONSOLE PICTURES [NAME...]    prints TAP; a PNG goes into the directory PICTURES
"""
import os
import sys

import display

display.enter()

from desk import Desk, check, picture  # noqa: E402

CONSOLE, PICTURES = sys.argv[1], sys.argv[2]
FAULT = {"fault": "estop", "text": "Emergency stop", "cause": "A station is open.", "remedy": "Release it."}
STATIONS = [{"name": "belay desk", "a_closed": True, "b_closed": True},
            {"name": "cliff top", "a_closed": True, "b_closed": False}]
TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def what_is_wrong_elsewhere_keeps_nobody_from_the_chosen_winch():
    with Desk(CONSOLE, axes=2) as desk:
        desk.fake.tell(auto=False, set={
            "estop": {"b_closed": False, "stations": STATIONS}, "state": "fault",
            "first_out": dict(FAULT, axis="winch-2", station="cliff top", t_us=1),
            "faults": [{key: FAULT[key] for key in ("fault", "text", "remedy")}],
            "axes": [{"state": "fault", "faults": ["fall_caught"], "alone": "reset", "line_locked": True,
                      "payout_refusal": None},
                     {"state": "fault", "faults": ["estop"]}]})
        desk.screen.expect_label("Clears winch-1 alone.")
        desk.screen.click("Choose winch-2")
        desk.screen.expect_enabled("Reset", False)
        desk.screen.expect_label("E-stop open: release the station.")
        desk.screen.click("Choose winch-1")
        since = desk.fake.mark()
        desk.click("Reset")
        check(desk.expect_request("Axis.Reset", since) == {"axis": "winch-1"}, "the wrong winch")
        desk.screen.expect_label("ARM: winch-1 alone.")
        picture(PICTURES, "alone")
        desk.screen.expect_enabled("Hold to run", False)
        desk.click("Arm")
        check(desk.expect_request("Axis.Arm", since) == {"axis": "winch-1"}, "the wrong winch")
        desk.screen.expect_enabled("Disarm")
        desk.click("Pay out")
        desk.press()
        check(desk.expect_request("Axis.Jog", since)["axis"] == "winch-1", "the wrong winch")
        desk.release()
        desk.expect_request("Permission.End", since)
        desk.screen.click("Choose winch-2")
        desk.screen.expect_enabled("Hold to run", False)
        check(not desk.fake.asked("Safety.Reset", since) + desk.fake.asked("Safety.Arm", since), "not for all")


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[3:])
