#!/usr/bin/python3
"""A show is loaded from the console, with real keys in its real file dialog, against a fake belayd.

Usage: load_test.py CONSOLE PICTURES [NAME...]    as console_test.py
"""
import os
import sys

import display

display.enter()

from desk import Desk, check, pause, picture, wait, xdotool  # noqa: E402

CONSOLE, PICTURES = sys.argv[1], sys.argv[2]
TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def a_show_is_loaded_from_a_file():
    with Desk(CONSOLE) as desk:
        good = os.path.join(desk.directory.name, "good.yaml")
        with open(good, "w", encoding="utf-8") as file:
            file.write('show: "Good"\n')
        main, since = desk.window(), desk.fake.mark()
        desk.screen.expect_enabled("Load show")
        xdotool("key", "ctrl+o")
        desk.choose_file(main, good)
        check(desk.expect_request("Show.Load", since) == {"name": "good.yaml", "text": 'show: "Good"\n'}, "wrong file")
        desk.screen.expect("Show", "good.yaml on cliff-one")
        lines = [f"bad.yaml:{line}:3: cues[{line}].speed_m_s: missing, expected a speed" for line in range(1, 31)]
        desk.fake.tell(refuse={"Show.Load": ["show", "\n".join(lines)]})
        desk.screen.click("Load show")
        desk.choose_file(main, good)
        desk.screen.expect_label("good.yaml was not loaded; the show of before stays.")
        desk.screen.expect_label("Correct each of these lines, save the file, then load it again: Ctrl+O.")
        text = desk.screen.get("Lines to correct")
        check(text.text() == "\n".join(lines), "every line, as belayd gave it")
        picture(PICTURES, "show-errors")
        desk.point("Lines to correct")
        xdotool("click", 3)
        popover = wait(lambda: [window for window in desk.windows("") if window != main], "the popover of the text")
        since = desk.fake.mark()
        xdotool("key", "shift+Escape")
        desk.expect_request("Safety.Stop", since)
        wait(lambda: not set(popover) & set(desk.windows("")), "Esc to close the popover too")
        desk.screen.click("Close show file errors")
        wait(lambda: not any("was not loaded" in label for label in desk.screen.labels()), "the plot again")


@test
def a_show_that_cannot_be_sent_is_named():
    with Desk(CONSOLE) as desk:
        main, since = desk.window(), desk.fake.mark()
        for content, words in ((b"", "the file is empty"), (b"a" * 60001, "longer than a show may be"),
                               (b"show: \xff", "not UTF-8")):
            path = os.path.join(desk.directory.name, "odd.yaml")
            with open(path, "wb") as file:
                file.write(content)
            desk.screen.click("Load show")
            desk.choose_file(main, path)
            text = desk.screen.get("Lines to correct")
            wait(lambda: words in text.text(), words)
        check(not desk.fake.asked("Show.Load", since), "nothing of that is sent")


@test
def no_show_is_loaded_while_armed():
    with Desk(CONSOLE) as desk:
        main = desk.window()
        desk.screen.click("Load show")
        dialog = desk.dialog()
        picture(PICTURES, "load-show")
        since = desk.fake.mark()
        for key in ("Escape", "ctrl+Escape"):  # stops first, then closes the dialog
            desk.focus(dialog)
            xdotool("key", key)
            desk.expect_request("Safety.Stop", since)
            if key == "Escape":
                wait(lambda: not desk.dialogs(), "the dialog to close")
                desk.screen.click("Load show")
                dialog, since = desk.dialog(), desk.fake.mark()
        desk.fake.tell(set={"armed": True, "state": "armed", "axes": [{"state": "armed"}]})  # somebody else arms
        wait(lambda: not desk.dialogs(), "the dialog to close")
        desk.screen.expect_enabled("Load show", False)
        desk.screen.expect_label("Disarm first.")
        desk.focus(main)
        xdotool("key", "ctrl+o")
        pause()
        check(not desk.dialogs(), "no dialog while armed")


os.makedirs(PICTURES, exist_ok=True)
display.run_all(TESTS, sys.argv[3:])
