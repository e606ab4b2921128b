#!/usr/bin/python3
"""The real console as the client of a kill run: on a display of its own, operated by an operator's eyes and hands.

`belay rehearse --kill PHASE:client --client tests/scenario/console_client.py` starts it in place of `belay go 1` and of
`belay jog AXIS --speed M_S`. It prints "holder N", N being the console's process, once the button is held, and ends
when the console does. $BELAY_CONSOLE is the console, $BELAY_SOCKET belayd's socket.
"""
import contextlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "console"))

import display  # noqa: E402

display.enter()

from desk import Desk  # noqa: E402

# Command -> button to press before holding, and what the screen then offers.
WAYS = {"go": ("GO", "HOLD runs cue 1"), "jog": ("Pay out", "HOLD")}

button, offer = WAYS[sys.argv[1]]
with contextlib.suppress(display.Done), \
        Desk(os.environ["BELAY_CONSOLE"], fake=False, path=os.environ["BELAY_SOCKET"]) as desk:
    desk.screen.expect("Controller", "ARMED")
    desk.screen.expect_enabled(button)
    if sys.argv[1] == "jog":
        desk.screen.click("Jog speed 0.40 m/s")
    desk.choose(button, offer)
    desk.press()
    print(f"holder {desk.console.pid}", flush=True)
    desk.console.wait()
    raise display.Done
