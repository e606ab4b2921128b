#!/usr/bin/python3
"""The console as an operator meets it: seen through AT-SPI, driven with xdotool, against a fake belayd.

Usage: console_test.py CONSOLE PICTURES [NAME...]    prints TAP; PNGs go into the directory PICTURES
Starts a private X server and message bus by itself; a missing tool is a failure that names the package.
"""
import os
import signal
import sys
import time

import display

display.enter()

from desk import Desk, Fake, check, pause, picture, wait, xdotool  # noqa: E402

CONSOLE, PICTURES = sys.argv[1], sys.argv[2]
MOTION = ("GO", "Hold to run", "Pay out", "Take in")
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def withheld(desk, names=MOTION):
    for name in names:
        desk.screen.expect_enabled(name, False)
    check(desk.screen.enabled("STOP (all axes, controlled)"), "STOP must always be offered")


@test
def not_connected():
    with Desk(CONSOLE, fake=False) as desk:
        desk.screen.expect("Link age", "NO LINK")
        desk.screen.expect("E-stop chain", "UNKNOWN")
        desk.screen.expect("Machine", "UNKNOWN")
        desk.screen.expect_label("belayd")  # which socket, and what to do
        desk.screen.expect_label("If anything moves: USE THE E-STOP.")
        withheld(desk, MOTION + ("Arm", "Disarm", "Reset"))
        xdotool("key", "Escape")
        desk.screen.expect("Message", "STOP was not sent: not connected. Press an E-stop station.")


@test
def connects_and_reconnects_by_itself():
    with Desk(CONSOLE, fake=False) as desk:
        desk.screen.expect("Link age", "NO LINK")
        desk.fake = Fake(desk.path)
        desk.screen.expect("Machine", "REHEARSAL")
        desk.fake.stop()
        desk.screen.expect("Link age", "NO LINK")
        withheld(desk)
        desk.fake = Fake(desk.path)
        desk.screen.expect("Machine", "REHEARSAL")
        desk.screen.expect("Controller", "DISARMED")


def stations(b_closed):
    return [{"name": "belay desk", "a_closed": True, "b_closed": True},
            {"name": "cliff top", "a_closed": True, "b_closed": b_closed}]


@test
def banner_says_what_belayd_says():
    with Desk(CONSOLE) as desk:
        screen = desk.screen
        screen.expect("Controller", "DISARMED")
        screen.expect("E-stop chain", "CLOSED")
        screen.expect("Show", "free-climb on cliff-one")
        screen.expect("Field links", "1 up")
        screen.expect("Held by", "nobody")
        screen.expect("Faults", "No faults")
        desk.fake.tell(set={"estop": {"b_closed": False, "stations": stations(b_closed=False)}}, auto=False)
        screen.expect("E-stop chain", "B OPEN: cliff top")
        desk.fake.tell(set={"estop": {"known": False}})
        screen.expect("E-stop chain", "UNKNOWN")
        desk.fake.tell(set={"links": [{"name": "field", "state": "down", "errors": 3, "round_trip_us": 0,
                                       "refusal": None, "loss": "no answer within 40 ms."}], "rehearsal": False})
        screen.expect("Field links", "field down: no answer within 40 ms.")
        screen.expect("Message", "field: no answer within 40 ms.")
        screen.expect("Machine", "LIVE")
        desk.fake.tell(set={"links": [{"name": "field", "state": "up", "errors": 3, "round_trip_us": 0,
                                       "refusal": None, "loss": "no answer within 40 ms."}]})
        screen.expect("Field links", "1 up")
        screen.expect("Message", "Up again, lost before: field: no answer within 40 ms.")
        desk.fake.tell(set={"estop": {"b_closed": True, "known": True}}, auto=True)
        desk.arm()  # who arms has read it
        screen.expect("Message", "none")
        screen.click("Disarm")
        screen.expect("Controller", "DISARMED")
        screen.expect("Message", "none")


@test
def the_drives_code_and_an_unknown_brake_are_told():
    with Desk(CONSOLE) as desk:
        desk.screen.expect("winch-1", "brake closed")
        desk.fake.tell(set={"axes": [{"drive_fault_code": 8976, "brake_open": None}]})
        desk.screen.expect("Faults", "winch-1 drive fault code 8976 (0x2310)")
        desk.screen.expect("winch-1", "brake not known")


@test
def what_belayd_would_refuse_is_dim_and_says_why():
    with Desk(CONSOLE, axes=2) as desk:
        for name in ("GO", "Pay out", "Take in"):
            desk.screen.expect_enabled(name, False)
        desk.screen.expect_label("Both ways: Not armed: arm first.")
        desk.arm()
        for name in ("GO", "Pay out", "Take in"):
            desk.screen.expect_enabled(name)
        desk.fake.tell(force={"go_refusal": {"name": "inputs", "text": "A reading is missing."},
                              "axes": [{"takein_refusal": {"name": "limit", "text": "Top reached."}},
                                       {"payout_refusal": {"name": "limit", "text": "End of rope."}}]})
        desk.screen.expect_enabled("GO", False)
        desk.screen.expect_label("A reading is missing.")
        desk.screen.expect_enabled("Take in", False)
        desk.screen.expect_label("TAKE IN: Top reached.")
        check(desk.screen.enabled("Pay out") and desk.screen.enabled("Hold to run"), "only what is refused is dim")
        xdotool("key", "g")
        desk.screen.expect("Message", "GO ignored: A reading is missing.")
        desk.screen.click("Choose winch-2")
        desk.screen.expect_enabled("Pay out", False)
        desk.screen.expect_label("PAY OUT: End of rope.")
        desk.screen.expect_enabled("Take in")


@test
def a_refusal_while_moving_does_not_unchoose_the_way():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("Pay out")
        since = desk.fake.mark()
        desk.press()
        desk.expect_request("Axis.Jog", since)
        busy = {"name": "busy", "text": "Another motion runs: stop it first."}
        desk.fake.tell(auto=False, set={"axes": [{"state": "stopping", "payout_refusal": busy}]})
        desk.screen.expect_enabled("Pay out", False)
        desk.release()
        desk.screen.expect("Next press", "HOLD moves nothing: Another motion runs")
        desk.fake.tell(set={"axes": [{"state": "armed", "mode": "none", "payout_refusal": None}]})
        desk.screen.expect("Next press", "HOLD moves winch-1 out")


@test
def who_stopped_is_told_until_the_next_motion():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(set={"last_stop": {"what": "stop", "session": 77, "client": "camera 2"}})
        desk.screen.expect("Faults", "Stopped: the operator of camera 2 (session 77) pressed STOP.")
        desk.arm()
        desk.click("Pay out")
        desk.press()
        desk.screen.expect("winch-1", "JOGGING")
        wait(lambda: "Stopped" not in desk.screen.description("Faults"), "the old stop to go")
        xdotool("key", "Escape")
        desk.screen.expect("Faults", "Stopped: the operator of this console pressed STOP.")


@test
def a_locked_line_is_unlocked_with_two_presses():
    with Desk(CONSOLE, axes=2) as desk:
        desk.fake.tell(set={"axes": [{}, {"line_locked": True}]})
        desk.screen.expect("winch-2", "LINE LOCKED")
        check("LINE LOCKED" not in desk.screen.description("winch-1"), "only the axis it concerns")
        desk.screen.expect_enabled("Unlock winch-2")
        width, height = desk.screen.size("Unlock winch-2")
        check(height >= 44, f"UNLOCK is {width}x{height}")
        since = desk.fake.mark()
        desk.point("Unlock winch-2")
        xdotool("click", "--repeat", 2, "--delay", 10, 1)  # a double click is one press
        desk.screen.expect("Unlock winch-2", "Press again")
        pause()
        check(not desk.fake.asked("Line.Unlock", since), "one press unlocks nothing")
        xdotool("click", 1)
        check(desk.expect_request("Line.Unlock", since) == {"axis": "winch-2"}, "the wrong line")
        wait(lambda: "LINE LOCKED" not in desk.screen.description("winch-2"), "the lock to go")
        desk.fake.tell(set={"axes": [{}, {"line_locked": True, "tension_n": {"value": 300.0}}]})
        desk.screen.expect_enabled("Unlock winch-2", False)
        desk.screen.expect_label("Weight on the line.")
        picture(PICTURES, "unlock")
        desk.fake.tell(set={"axes": [{}, {"tension_n": {"value": 40.0}}]},
                       refuse={"Line.Unlock": ["inputs", "winch-2: A reading is missing."]})
        desk.screen.expect_enabled("Unlock winch-2")
        desk.point("Unlock winch-2")
        xdotool("click", 1)
        pause()
        xdotool("click", 1)
        desk.screen.expect("Message", "winch-2: A reading is missing.")


@test
def axis_readings_and_marks():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(auto=False, set={"axes": [{"position_m": {"value": 7.25}, "speed_m_s": {"value": -0.5},
                                                  "tension_n": {"value": 117.6}, "line_locked": True,
                                                  "fall_caught": True, "slack": True, "ground_fall": True}]})
        desk.screen.expect("winch-1 Position", "7.250 m of 2.00..30.00 m")
        desk.screen.expect("winch-1 Speed", "-0.50 m/s")
        desk.screen.expect("winch-1 Tension", "118 N of 0..6000 N")
        for mark in ("FALL CAUGHT", "LINE LOCKED", "SLACK", "GROUND FALL HEIGHT"):
            desk.screen.expect("winch-1", mark)
        desk.fake.tell(set={"axes": [{"position_m": {"value": None, "quality": "missing"},
                                      "tension_n": {"quality": "bad"}}]})
        desk.screen.expect("winch-1 Position", "--")
        desk.screen.expect("winch-1 Position", "no value")
        desk.screen.expect("winch-1 Tension", "bad value")


@test
def commissioning_is_shown_and_its_steps_followed():
    standing = {"state": "missing", "step": "reeving", "brake": 0, "due_s": None}
    step = {"axis": "winch-2", "step": "tare", "brake": 0, "session": 3, "wants": "yes", "jog_m_s": 0.0,
            "text": "Nobody on the rope and nothing on it. Yes when that is so.", "ended": False, "passed": False}
    followed = "Commissioning, tare: " + step["text"]
    with Desk(CONSOLE, axes=2) as desk:
        desk.fake.tell(auto=False, set={"axes": [{"commissioning": standing}, {}], "commission": step})
        desk.screen.expect("winch-1", "NOT COMMISSIONED: reeving was never done")
        desk.screen.expect_label(followed)
        desk.fake.tell(set={"axes": [{"commissioning": {"state": "due", "step": "tare"}}],
                            "commission": {"ended": True}})
        desk.screen.expect("winch-1", "DAILY TEST: tare is due")
        wait(lambda: not any(followed in label for label in desk.screen.labels()), "the step's text to go")
        desk.fake.tell(set={"axes": [{"commissioning": {"state": "ok", "due_s": 3600}}]})
        desk.screen.expect("winch-1", "daily test by ")


@test
def a_mode_is_selected_and_said():
    with Desk(CONSOLE) as desk:
        desk.screen.expect("Mode", "SET-UP")
        desk.fake.tell(set={"operation": {"standby_percent": 25}})
        since = desk.fake.mark()
        desk.walk("WALK 25 %")
        asked = desk.expect_request("Mode.Select", since)
        check(asked == {"mode": "walk_through", "percent": 25}, str(asked))
        desk.mode("Walk-through, first rung")  # whoever is in doubt begins there
        desk.screen.expect("Mode", "WALK 10 %")
        desk.screen.click("Select mode")
        desk.screen.expect_enabled("Show mode", False)  # belayd would refuse it
        desk.screen.expect_label("SHOW: A move has not run clean on the rung before.")
        desk.screen.click("Keep the mode")
        desk.screen.expect_label("ARM: the brakes stay closed.")
        desk.screen.click("Select mode")
        desk.fake.tell(set={"operation": {"show_refusal": None}})
        desk.screen.expect_enabled("Show mode")
        desk.screen.click("Show mode")
        desk.screen.expect("Mode", "SHOW")
        desk.arm()
        desk.screen.expect_enabled("Select mode", False)  # a running machine keeps its mode


@test
def live_telemetry_is_shown_live():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(hello={"rehearsal": False}, set={"rehearsal": False})
        desk.screen.expect("Machine", "LIVE")


@test
def hold_sends_tokens_and_moves_nothing():
    with Desk(CONSOLE) as desk:
        withheld(desk)
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 15)
        desk.screen.expect("Held by", "this console")
        desk.screen.expect("Next press", "Held; nothing moves")
        tokens = desk.tokens(since)
        check({token["press"] for token in tokens} == {tokens[0]["press"]}, "one press, one number")
        gaps = [b["t_us"] - a["t_us"] for a, b in zip(tokens, tokens[1:])]
        check(all(gap >= 30000 for gap in gaps), f"tokens come too often: {min(gaps)} us")
        check(sorted(gaps)[len(gaps) // 2] <= 60000, f"tokens come too seldom: {sorted(gaps)}")
        desk.release()
        ended = desk.expect_request("Permission.End", since)
        check(ended["press"] == tokens[0]["press"], "the press that began is the one that ends")
        desk.expect_no_tokens()
        check(not desk.fake.asked("Cue.Go", since) and not desk.fake.asked("Axis.Jog", since), "nothing may move")


@test
def go_then_hold_runs_the_cue_until_released():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.click("GO")
        desk.screen.expect("Next press", "HOLD runs cue 1: Belay on")
        check(not desk.fake.asked("Cue.Go", since), "GO alone moves nothing")
        desk.press()
        go = desk.expect_request("Cue.Go", since)
        check(go == {"press": desk.tokens(since)[0]["press"], "cue": "1"}, f"wrong GO: {go}")
        methods = [request["method"] for _, request in desk.fake.requests[since:]]
        check(methods.index("Permission.Hold") < methods.index("Cue.Go"), "the permission comes first")
        desk.screen.expect("Controller", "RUNNING")
        desk.screen.expect("winch-1", "FOLLOWING")
        desk.screen.expect("Next press", "Running cue 1: Belay on")
        desk.screen.get("Cue 1: Belay on, running")
        desk.release()
        desk.expect_request("Permission.End", since)
        desk.screen.expect("Controller", "ARMED")
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        check(not desk.fake.asked("Cue.Go", since), "one GO, one run")


@test
def go_is_offered_when_its_cue_is_shown():
    with Desk(CONSOLE, fake=False) as desk:
        desk.fake = Fake(desk.path)
        desk.fake.tell(mute=["Show.Get"])
        desk.arm()
        desk.screen.expect_enabled("Pay out")
        desk.screen.expect_label("Reading the cue list: GO when its cue is shown.")
        pause()
        check(not desk.screen.enabled("GO"), "no GO for a cue that is not shown")
        xdotool("key", "g")
        desk.screen.expect("Message", "GO ignored: Reading the cue list")
        desk.fake.tell(mute=[])
        desk.screen.get("Cue 1: Belay on, standby")
        desk.screen.expect_enabled("GO")
        desk.screen.expect_label("cue 1: Belay on")
        desk.fake.tell(set={"standby_cue": "9"})  # of a list that is not read yet
        desk.screen.expect_enabled("GO", False)
        desk.fake.tell(set={"standby_cue": "2"})
        desk.screen.expect_enabled("GO")
        desk.fake.tell(mute=["Show.Get"], set={"show": "another"})
        desk.screen.expect_enabled("GO", False)


@test
def a_list_read_before_the_arming_is_read_again():
    with Desk(CONSOLE) as desk:
        desk.screen.get("Cue 1: Belay on, standby")
        desk.fake.tell(mute=["Show.Get"])  # somebody may have loaded another show of this name meanwhile
        desk.arm()
        desk.screen.expect_label("Reading the cue list: GO when its cue is shown.")
        desk.fake.tell(mute=[])
        desk.screen.expect_enabled("GO")


@test
def a_stop_on_a_locked_line_says_what_helps():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("GO")
        since = desk.fake.mark()
        desk.press()
        desk.expect_request("Cue.Go", since)
        desk.fake.tell(set={"axes": [{"line_locked": True}]})
        xdotool("key", "Escape")
        desk.screen.expect("Next press", "Stopped, line locked. Let go; ask the climber, UNLOCK, then GO.")
        desk.release()
        desk.screen.expect("Next press", "Line locked: ask the climber, UNLOCK, then GO. PAY OUT lowers.")
        picture(PICTURES, "stopped-locked")


@test
def loaded_go_is_forgotten():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.click("GO")
        desk.screen.expect("Next press", "HOLD runs cue 1")
        desk.screen.expect("Next press", "HOLD alone moves nothing", 8)
        desk.press()
        desk.expect_tokens(since, 3)
        check(not desk.fake.asked("Cue.Go", since), "the GO was forgotten")


@test
def space_holds_and_go_is_clicked():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        xdotool("keydown", "space")  # HOLD TO RUN has the focus from the start
        desk.expect_tokens(since, 3)
        desk.click("GO")
        desk.expect_request("Cue.Go", since)
        desk.screen.expect("winch-1", "FOLLOWING")
        desk.expect_tokens(desk.fake.mark(), 5)
        xdotool("keyup", "space")
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()


@test
def keys_g_and_space_anywhere():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.screen.click("Space holds")
        xdotool("key", "Tab")
        since = desk.fake.mark()
        xdotool("keydown", "space")  # the focus is elsewhere: in show mode Space holds all the same
        desk.expect_tokens(since, 3)
        xdotool("key", "g")
        desk.expect_request("Cue.Go", since)
        xdotool("keyup", "space")
        desk.expect_request("Permission.End", since)
        check(not desk.fake.asked("Safety.Disarm", since), "Space must not press the focused button")


@test
def escape_stops_and_a_fresh_press_is_needed():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("GO")
        since = desk.fake.mark()
        desk.press()
        desk.expect_request("Cue.Go", since)
        desk.expect_tokens(since, 3)
        xdotool("key", "Escape")
        desk.expect_request("Safety.Stop", since)
        desk.expect_no_tokens()
        desk.screen.expect("Next press", "Stopped. Let go, then GO or choose a jog again.")
        first = desk.tokens(since)[0]["press"]
        desk.release()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        check(desk.tokens(since)[0]["press"] > first, "the press number grows")
        check(not desk.fake.asked("Cue.Go", since), "nothing resumes by itself")


@test
def escape_stops_with_any_modifier_and_from_any_focus():
    with Desk(CONSOLE) as desk:
        desk.arm()
        for key in ("Escape", "shift+Escape", "ctrl+Escape", "alt+Escape", "super+Escape", "ctrl+shift+Escape"):
            since = desk.fake.mark()
            xdotool("key", key)
            desk.expect_request("Safety.Stop", since)
        for lock in ("Caps_Lock", "Num_Lock", "Scroll_Lock"):
            xdotool("key", lock)
            since = desk.fake.mark()
            xdotool("key", "Escape")
            xdotool("key", lock)
            desk.expect_request("Safety.Stop", since)
        for _ in range(12):
            xdotool("key", "Tab")
            since = desk.fake.mark()
            xdotool("key", "Escape")
            desk.expect_request("Safety.Stop", since)


@test
def escape_lets_go_even_when_belayd_refuses_it():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.fake.tell(refuse={"Safety.Stop": ["overloaded", "Too many requests wait."]})
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        xdotool("key", "Escape")
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()


@test
def a_repeating_key_is_no_new_press():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_tokens(since, 3)
        desk.screen.click("Space holds")  # another meaning of Space ends the hold
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens(1.0)  # Space still down and repeating


@test
def stop_button_acts_when_pressed():
    with Desk(CONSOLE) as desk:
        since = desk.fake.mark()
        desk.press("STOP (all axes, controlled)")
        desk.expect_request("Safety.Stop", since)
        desk.release()
        since = desk.fake.mark()
        desk.screen.click("STOP (all axes, controlled)")
        desk.expect_request("Safety.Stop", since)


@test
def leaving_the_button_lets_go():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        x, y = desk.screen.middle("Hold to run")
        xdotool("mousemove", x, y - 200)
        desk.expect_request("Permission.End", since)
        xdotool("mousemove", x, y)  # coming back with the button still down is no press
        desk.expect_no_tokens()


@test
def losing_the_focus_lets_go():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        xdotool("key", "Tab")
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()


@test
def losing_the_window_lets_go():
    with Desk(CONSOLE) as desk, Desk(CONSOLE, fake=False) as other:
        main = desk.window()
        desk.focus(main)
        desk.arm()
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_tokens(since, 3)
        xdotool("windowfocus", other.window())  # another window takes the keyboard
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()
        desk.focus(main)
        desk.expect_no_tokens(1.0)  # Space still down and repeating: no new press
        xdotool("keyup", "space")
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_tokens(since, 3)


@test
def losing_the_window_lets_go_of_space_anywhere():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.screen.click("Space holds")
        xdotool("key", "Tab")  # the focus is not on HOLD TO RUN
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_tokens(since, 3)
        with Desk(CONSOLE, fake=False) as other:
            xdotool("windowfocus", other.window())
            desk.expect_request("Permission.End", since)
            desk.expect_no_tokens()


@test
def a_fault_takes_the_hold_away():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("GO")
        since = desk.fake.mark()
        desk.press()
        desk.expect_request("Cue.Go", since)
        desk.fake.tell(set={"estop": {"a_closed": False, "b_closed": False}})
        desk.screen.expect("Faults", "FIRST: Emergency stop")
        desk.screen.expect_enabled("Hold to run", False)
        desk.expect_no_tokens()
        desk.screen.expect_label("Release the station, check that the stage is clear, then reset.")
        check(not desk.screen.enabled("Reset"), "no reset while the chain is open")
        desk.screen.expect_label("E-stop open: release the station.")
        desk.fake.tell(set={"estop": {"a_closed": True, "b_closed": True}})
        desk.screen.expect_enabled("Reset")
        check(not desk.screen.enabled("Arm"), "reset first")
        desk.screen.click("Reset")
        desk.screen.expect("Controller", "DISARMED")
        desk.screen.expect("Faults", "No faults")
        check(not desk.fake.asked("Safety.Arm", since), "reset does not arm")


@test
def jog_is_chosen_then_held():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("Pay out")
        desk.screen.expect("Next press", "HOLD moves winch-1 out at 0.05 m/s")
        since = desk.fake.mark()
        check(not desk.fake.asked("Axis.Jog"), "choosing moves nothing")
        desk.press()
        jog = desk.expect_request("Axis.Jog", since)
        check(jog["axis"] == "winch-1" and abs(jog["speed_m_s"] - 0.05) < 1e-9, f"wrong jog: {jog}")
        desk.screen.expect("winch-1", "JOGGING")
        desk.release()
        desk.expect_request("Permission.End", since)
        desk.click("Jog speed 0.50 m/s")
        desk.click("Take in")
        desk.screen.expect("Next press", "HOLD moves winch-1 in at 0.50 m/s")
        since = desk.fake.mark()
        desk.press()
        jog = desk.expect_request("Axis.Jog", since)
        check(abs(jog["speed_m_s"] + 0.5) < 1e-9, f"wrong jog: {jog}")


@test
def another_way_during_a_hold_ends_it():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.click("Pay out")
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_request("Axis.Jog", since)
        desk.click("Take in")
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()
        check(len(desk.fake.asked("Axis.Jog", since)) == 1, "the other way needs a fresh press")
        desk.screen.expect("Next press", "Let go")


@test
def the_chosen_axis_is_the_one_that_moves():
    with Desk(CONSOLE, axes=3) as desk:
        desk.arm()
        desk.screen.click("Choose winch-2")
        desk.screen.expect_label("Jog winch-2")  # choosing an axis undoes a way that was chosen before it
        desk.click("Pay out")
        desk.screen.expect("Next press", "HOLD moves winch-2 out")
        since = desk.fake.mark()
        desk.press()
        check(desk.expect_request("Axis.Jog", since)["axis"] == "winch-2", "the wrong winch")
        desk.release()
        desk.expect_request("Permission.End", since)
        since = desk.fake.mark()
        xdotool("keydown", "space")
        desk.expect_request("Axis.Jog", since)
        desk.screen.click("Choose winch-3")  # another axis during a hold ends it
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()
        check(len(desk.fake.asked("Axis.Jog", since)) == 1, "the other axis needs a fresh press")


@test
def a_refused_device_is_named():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(set={"links": [{"name": "field", "state": "refused", "errors": 0, "round_trip_us": 0,
                                       "loss": None,
                                       "refusal": "winch-drive: parameter 8.15 is 0, the profile wants 1."}]})
        desk.screen.expect("Field links", "field refused")
        desk.screen.expect("Message", "winch-drive: parameter 8.15 is 0, the profile wants 1.")


@test
def a_locked_line_offers_lowering_only():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.fake.tell(set={"axes": [{"line_locked": True}]})
        desk.screen.expect_enabled("Take in", False)
        desk.screen.expect_enabled("Pay out")
        desk.screen.get("Jog speed 0.30 m/s")  # the lowering speed of the rig, not the jog speed
        desk.screen.expect_label("TAKE IN: winch-1: The line is locked, a person may hang on it")
        desk.screen.expect_enabled("GO", False)


@test
def refusals_are_shown_and_kill_the_press():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(refuse={"Safety.Arm": ["inputs", "A reading is missing: see the axis."]})
        desk.screen.expect_enabled("Arm")
        desk.screen.click("Arm")
        desk.screen.expect("Message", "A reading is missing: see the axis.")
        desk.fake.tell(refuse={"Safety.Arm": None})
        desk.arm()
        desk.screen.expect("Message", "none", timeout_s=3)  # less than a message stays by itself
        desk.fake.tell(refuse={"Safety.Arm": None, "Cue.Go": ["line_locked", "The line is locked."]})
        desk.click("GO")
        since = desk.fake.mark()
        desk.press()
        desk.screen.expect("Message", "The line is locked.")
        desk.expect_no_tokens()
        check(desk.fake.asked("Permission.End", since), "the press is over")
        desk.screen.expect("Next press", "Let go")


@test
def a_dead_press_is_not_renewed():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        desk.fake.signal(signal.SIGSTOP)  # long enough for the press to expire, too short for stale
        time_s = time.monotonic()
        wait(lambda: time.monotonic() - time_s > 0.22, "the press to expire")
        desk.fake.signal(signal.SIGCONT)
        desk.expect_no_tokens()
        desk.release()
        since = desk.fake.mark()
        desk.screen.expect_enabled("Hold to run")
        desk.press()
        desk.expect_tokens(since, 5)


@test
def another_hand_keeps_this_one_off():
    with Desk(CONSOLE) as desk:
        desk.arm()
        desk.fake.tell(auto=False, set={"permission": {"alive": True, "session": 77, "press": 5}})
        desk.screen.expect("Held by", "another console")
        withheld(desk)
        desk.screen.expect_label("Another console holds.")


@test
def a_silent_belayd_turns_stale():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        desk.fake.signal(signal.SIGSTOP)
        # The console answers between two refreshes: what one of the two says, the other has to say already.
        while not desk.screen.description("Controller").endswith(", old"):
            check(" old" not in desk.screen.description("winch-1 Position") or
                  desk.screen.description("Controller").endswith(", old"), "the value is old, and its banner is not")
        check(" old" in desk.screen.description("winch-1 Position"), "the banner is old, and its value is not")
        for name in ("Machine", "E-stop chain", "Held by", "Field links", "Show"):
            said = desk.screen.description(name)
            check(said.endswith(", old"), f"{name} is not old with the rest: {said}")
        withheld(desk)
        desk.screen.expect("winch-1 Position", "--")
        desk.screen.expect("winch-1", "STATE UNKNOWN")
        for name in ("E-stop chain", "Controller", "Held by", "Field links"):
            desk.screen.expect(name, "UNKNOWN")
        desk.screen.expect("Faults", "Faults unknown")
        desk.screen.expect_label("belayd is silent: USE THE E-STOP.")
        xdotool("key", "Escape")
        desk.screen.expect("Message", "belayd does not confirm STOP: press an E-stop station.")
        desk.fake.signal(signal.SIGCONT)
        desk.expect_request("Safety.Stop", since)
        desk.screen.expect("winch-1 Position", "12.345 m")
        desk.expect_no_tokens()
        check(desk.screen.description("Next press").startswith("HOLD alone"), "nothing resumes by itself")


@test
def a_lock_outlives_a_silent_belayd():
    with Desk(CONSOLE) as desk:
        desk.fake.tell(set={"axes": [{"line_locked": True}]})
        for sent, said in ((signal.SIGCONT, "LINE LOCKED"), (signal.SIGSTOP, "LINE LOCKED, old")):
            desk.fake.signal(sent)
            wait(lambda said=said: said in desk.screen.description("winch-1"), said)
        desk.fake.signal(signal.SIGCONT)
        wait(lambda: "LOCKED, old" not in desk.screen.description("winch-1"), "the lock again")


@test
def a_stalled_console_lets_go():
    with Desk(CONSOLE) as desk:
        desk.arm()
        since = desk.fake.mark()
        desk.press()
        desk.expect_tokens(since, 3)
        desk.console.send_signal(signal.SIGSTOP)
        start_s = time.monotonic()
        wait(lambda: time.monotonic() - start_s > 0.5, "the stall")
        before = len(desk.tokens(since))
        desk.console.send_signal(signal.SIGCONT)
        desk.expect_request("Permission.End", since)
        desk.expect_no_tokens()
        check(len(desk.tokens(since)) == before, "no token after the stall although the button is still down")


@test
def software_cannot_hold():
    with Desk(CONSOLE) as desk:
        desk.arm()
        actions = desk.screen.get("Hold to run").actions()
        check(not actions, f"actions on HOLD TO RUN: {actions}")


@test
def what_a_reset_left_is_shown():
    with Desk(CONSOLE) as desk:
        left = {"axis": "winch-1", "fault": "overtension", "text": "Tension limit", "payout": True, "takein": False,
                "remedy": "Find the snag or the load, relieve the rope, then reset."}
        desk.fake.tell(set={"remaining": [left]})
        desk.screen.expect("Faults", "STILL THERE: Tension limit (winch-1), only pay-out leads out")
        desk.screen.expect_label(left["remedy"])
        picture(PICTURES, "remaining")
        desk.fake.tell(set={"remaining": []})
        desk.screen.expect("Faults", "No faults")


@test
def standby_is_chosen_in_the_list():
    with Desk(CONSOLE) as desk:
        since = desk.fake.mark()
        desk.screen.expect_enabled("Cue 3: Belay again")
        desk.screen.click("Cue 3: Belay again")
        check(desk.expect_request("Cue.Standby", since) == {"cue": "3"}, "wrong cue")
        desk.screen.get("Cue 3: Belay again, standby")
        desk.arm()
        desk.click("GO")
        desk.screen.expect("Next press", "HOLD runs cue 3: Belay again")
        desk.fake.tell(set={"standby_cue": "2"})  # somebody else chooses
        desk.screen.expect("Next press", "HOLD alone moves nothing")


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[3:])
