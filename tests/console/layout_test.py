#!/usr/bin/python3
"""What the console's screen has room for: sizes of targets, words read whole, everything in view.

Usage: layout_test.py CONSOLE PICTURES [NAME...]    as console_test.py, on a screen of BELAY_TEST_SCREEN
"""
import os
import sys

import display

display.enter()

from desk import Desk, check, colours_of, picture, wait, xdotool  # noqa: E402

CONSOLE, PICTURES = sys.argv[1], sys.argv[2]
TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def targets_are_large_enough():
    with Desk(CONSOLE) as desk:
        for name in ("Hold to run", "GO", "STOP (all axes, controlled)"):
            width, height = desk.screen.size(name)
            check(min(width, height) >= 96, f"{name} is {width}x{height}")
        for name in ("Arm", "Disarm", "Reset", "Pay out", "Take in", "Jog speed 0.05 m/s", "Cue 1: Belay on, standby"):
            width, height = desk.screen.size(name)
            check(min(width, height) >= 44, f"{name} is {width}x{height}")


@test
def hold_keeps_its_size_in_every_state():
    with Desk(CONSOLE) as desk:
        free = desk.screen.area("Hold to run")
        desk.arm()
        desk.screen.expect("Hold to run", "HOLD TO RUN")
        check(desk.screen.area("Hold to run") == free, f"offered it is {desk.screen.area('Hold to run')}, not {free}")
        desk.press()
        desk.screen.expect("Hold to run", "HOLDING")
        check(desk.screen.area("Hold to run") == free, f"held it is {desk.screen.area('Hold to run')}, not {free}")
        xdotool("key", "Escape")
        desk.screen.expect("Hold to run", "LET GO")
        check(desk.screen.area("Hold to run") == free, f"spent it is {desk.screen.area('Hold to run')}, not {free}")


LOCKED = {"name": "line_locked", "text": "winch-1: The line is locked, a person may hang on it: only lowering by jog, "
                                         "at lowering speed; unlock when nobody hangs there."}
LIMIT = {"name": "limit", "text": "winch-1: That would go beyond a limit of the axis: choose less speed or the other "
                                  "direction."}
NOT_COMMISSIONED = {"state": "failed", "step": "brake_hold", "brake": 2, "due_s": None}
STEP = {"axis": "winch-1", "step": "brake_hold", "brake": 2, "session": 3, "wants": "yes", "jog_m_s": 0.0,
        "text": "Nobody below. Hang at least 125 kg (1226 N) on the rope, a hand's width above the ground. Lift brake "
                "1, motor-brake, by its lever and keep it up: brake 2, drum-brake, holds alone. Yes when so.",
        "ended": False, "passed": False}
LOSS = "no answer from winch-drive within 40 ms, three times: check its cable, its supply and its address."


@test
def everything_fits_the_screen():
    with Desk(CONSOLE, axes=4) as desk:
        width, height = map(int, display.screen_size().split("x"))
        column = desk.screen.area("Jog")[2]
        desk.fake.tell(auto=False, set={  # the longest texts at once
            "estop": {"b_closed": False,
                      "stations": [{"name": name, "a_closed": True, "b_closed": False}
                                   for name in ("belay desk", "cliff top")]},
            "first_out": {"fault": "estop_discrepancy", "axis": "winch-1", "station": "cliff top", "t_us": 1,
                          "text": "E-stop channels disagree: cliff top",
                          "cause": "Channels A and B differed for longer than the permitted time: a welded contact or "
                                   "one broken wire.",
                          "remedy": "Have the chain repaired; press and release each station, then reset."},
            "last_stop": {"what": "gone", "session": 12, "client": "camera 2"},
            "go_refusal": LOCKED, "commission": STEP,
            "links": [{"name": "field", "state": "down", "errors": 3, "round_trip_us": 0,
                       "refusal": None, "loss": LOSS}],
            "axes": [{"fall_caught": True, "line_locked": True, "slack": True, "ground_fall": True, "brake_open": None,
                      "drive_fault_code": 8976, "commissioning": NOT_COMMISSIONED,
                      "payout_refusal": LIMIT, "takein_refusal": LOCKED, "faults": ["x"]}]})
        desk.screen.expect("Faults", "FIRST: E-stop channels disagree: cliff top (winch-1)")
        desk.screen.expect("winch-1", "GROUND FALL HEIGHT")
        desk.screen.expect("winch-1", "NOT COMMISSIONED: brake_hold 2 failed")
        desk.screen.expect_label("Commissioning, brake_hold: " + STEP["text"])
        desk.screen.expect_label(LOCKED["text"])
        picture(PICTURES, "longest-texts")
        for name in ("Machine", "Show", "Faults", "Reset", "winch-1 Tension", "Cue list", "Jog speed 0.30 m/s",
                     "Disarm", "GO", "STOP (all axes, controlled)", "Next press", "Message", "Load show", "Space holds",
                     "Hold to run", "Unlock winch-1"):
            x, y, wide, high = desk.screen.area(name)
            check(x >= 0 and y >= 0 and x + wide <= width and y + high <= height,
                  f"{name} at {x},{y} with {wide}x{high} leaves the {width}x{height} screen")
        for name in ("Cue list", "Jog", "Arm and go"):
            check(desk.screen.area(name)[2] == column, f"{name} grew to {desk.screen.area(name)[2]} from {column}")


QUIET = {"fall_caught": False, "line_locked": False, "slack": False, "ground_fall": False, "brake_open": False,
         "drive_fault_code": None, "commissioning": None, "recovery": None, "faults": [], "state": "disarmed"}
LOUD = {"fall_caught": True, "line_locked": True, "slack": True, "ground_fall": True, "brake_open": None,
        "drive_fault_code": 8976, "commissioning": NOT_COMMISSIONED, "state": "fault",
        "recovery": {"without": "limit_switch", "left_s": 598, "clear_s": 30},
        "faults": ["tension_implausible", "brake_close"]}
FAULTS = [{"fault": "tension_implausible", "text": "Load cell and drive torque contradict each other",
           "remedy": "Check the load cell, its cable and its mounting, then reset."},
          {"fault": "brake_close", "text": "Brake does not report closed in time", "remedy": "Check the brake."}]
PADDING_PX = 3  # that the plot has more
FIXED = ("Choose {}", "{} Position", "{} Speed", "{} Tension")


def row_places(desk, axis):
    """Where the parts of a row stand; the words of its state too."""
    return {name: desk.screen.area(name) for name in [axis, *(name.format(axis) for name in FIXED)]}


@test
def two_winches_are_in_sight_and_stay_where_they_are():
    with Desk(CONSOLE, axes=2) as desk:
        axes = ("winch-1", "winch-2")
        desk.fake.tell(auto=False, set={"axes": [QUIET, QUIET]})
        desk.screen.expect("winch-2", "DISARMED, brake closed, drive off")
        quiet = {axis: row_places(desk, axis) for axis in axes}
        foot = desk.screen.area("Plot of tension and position")[1]
        rest = {name: desk.screen.area(name) for name in ("Cue list", "Jog", "Arm and go", "Reset", "Hold to run")}
        desk.fake.tell(set={"axes": [LOUD, LOUD], "faults": FAULTS, "first_out": {
            "fault": FAULTS[0]["fault"], "axis": "winch-2", "station": None, "t_us": 1, "text": FAULTS[0]["text"],
            "cause": "The cell, its cable or its amplifier is faulty, or the rope lies beside its sheave: what it "
                     "reads is not what the drive pulls.", "remedy": FAULTS[0]["remedy"]}})
        for axis in axes:
            desk.screen.expect(axis, "FAULT, ")
            desk.screen.expect(axis, "RECOVERY without limit_switch: 9 min 58 s left, clear for 30 s")
            desk.screen.expect(axis, "; \u25a0 ".join(("", FAULTS[0]["text"])) + "; " + FAULTS[1]["text"])
            desk.screen.get(f"Unlock {axis}")
        picture(PICTURES, "two-winches")
        for axis in axes:
            loud = row_places(desk, axis)
            check(loud == quiet[axis], f"{axis} moved: {loud}, before {quiet[axis]}")
        for name, area in rest.items():
            check(desk.screen.area(name) == area, f"{name} moved: {desk.screen.area(name)}, before {area}")
        for axis in axes:
            left, top, wide, high = desk.screen.area(axis)
            check(top + high <= foot, f"{axis} ends at {top + high}, and the view at {foot}")
            place = desk.screen.area("Recovery")
            check(0 <= foot - place[1] <= PADDING_PX, f"the recovery stands at {place}, and the plot stood at {foot}")
            for text, x, y, w, h in desk.screen.texts_in(axis):
                check(x >= left and x + w <= left + wide and y >= top and y + h <= top + high,
                      f"'{text}' at {x},{y} with {w}x{h} leaves {axis}")


WHOLE = (("1", "Belay on", "belay winch-1 at 90 N"), ("2", "Top of the ledge", "move winch-1 to 8.000 m at 0.50 m/s"),
         ("4", "Back to the deck", "move winch-1 to 24.500 m at 0.50 m/s"),
         ("5", "Down past the second camera, and stop above the ledge", "move winch-1 to 9.000 m at 0.50 m/s"))
LINE_PX, GLYPH_PX = 14, 5.5  # the least height of a line, the least mean width of a letter
ROW_PX = 44  # of a row the least that is seen: its name in two lines and its target


def cue_texts(desk, name):
    desk.screen.get(name)
    return desk.screen.texts_in(name)


@test
def a_cue_is_read_whole():
    with Desk(CONSOLE) as desk:
        for row, name, target in WHOLE:
            desk.fake.tell(set={"standby_cue": row})
            texts = cue_texts(desk, f"Cue {row}: {name}, standby")
            check([text[0] for text in texts][1:] == [name, "\u25b6 STANDBY", target], f"{texts}")
            left, top, width, height = desk.screen.area("Cue list")

            def in_view():
                area = desk.screen.area(f"Cue {row}: {name}, standby")
                return area[1] >= top and area[1] + min(area[3], ROW_PX) <= top + height

            wait(in_view, f"cue {row} to be in view")
            for text, x, y, wide, high in texts:
                check(x >= left and x + wide <= left + width, f"'{text}' leaves the cue list")
                check(wide * (high // LINE_PX) >= GLYPH_PX * len(text), f"'{text}' is cut: {wide}x{high}")
        picture(PICTURES, "cues")
        desk.arm()  # GO says it too
        desk.screen.expect_enabled("GO")
        words = f"cue {row}: {name}\n{target}"
        texts = {text: (wide, high) for text, _, _, wide, high in desk.screen.texts_in("GO")}
        check(words in texts, f"GO says {texts}")
        wide, high = texts[words]
        check(wide * (high // LINE_PX) >= GLYPH_PX * len(words), f"GO's cue is cut: {wide}x{high}")


@test
def screenshot_of_itself():
    path = os.path.join(PICTURES, "console.png")
    if os.path.exists(path):
        os.unlink(path)
    with Desk(CONSOLE, arguments=("--screenshot", path, "--after", "5")) as desk:
        desk.arm()
        desk.click("GO")
        desk.press()
        desk.screen.expect("winch-1", "FOLLOWING")
        check(desk.console.wait(20) == 0, "the console ends well after its screenshot")
        width, height, colours = colours_of(path)
        screen = tuple(map(int, display.screen_size().split("x")))
        check((width, height) == screen, f"the picture is {width}x{height}")
        check(len(colours) > 60, f"only {len(colours)} colours")
        for name, colour in (("STOP", (0xd5, 0x5e, 0x00)), ("tension trace", (0x56, 0xb4, 0xe9)),
                             ("position trace", (0xe6, 0x9f, 0x00)), ("hold", (0x00, 0x9e, 0x73))):
            check(bytes(colour) in colours, f"the colour of {name} is missing")
        raise display.Done


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[3:])
