"""A desk for console tests: the console under a private X server, a fake belayd beside it, an operator's eyes (AT-SPI)
and hands (xdotool). Everything is polled; nothing is slept for.
"""
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf, GLib  # noqa: E402

import accessible  # noqa: E402
from display import Done, Failed  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 10.0
OFFER_S = 3.0  # less than a loaded GO lasts


def wait(condition, what, timeout_s=TIMEOUT_S):
    """Polls until the condition gives something true, which is returned; fails after the timeout."""
    end = time.monotonic() + timeout_s
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed(f"waited {timeout_s:g} s for: {what}")
        time.sleep(0.01)


def check(condition, what):
    if not condition:
        raise Failed(what)


def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)


def pause(for_s=0.7):
    """Time in which nothing may happen."""
    start_s = time.monotonic()
    wait(lambda: time.monotonic() - start_s > for_s, "time to pass")


def picture(directory, name):
    """The whole screen, for people to look at; none where ImageMagick is missing."""
    if shutil.which("import") is not None:
        subprocess.run(["import", "-window", "root", os.path.join(directory, name + ".png")], check=True)


def colours_of(path):
    """Width, height and the set of colours (three bytes each) of every third pixel of a picture."""
    picture = GdkPixbuf.Pixbuf.new_from_file(path)
    width, height, step = picture.get_width(), picture.get_height(), picture.get_n_channels()
    pixels, stride = picture.get_pixels(), picture.get_rowstride()
    colours = set()
    for row in range(height):
        line = pixels[row * stride:row * stride + width * step]
        colours.update(line[i:i + 3] for i in range(0, len(line), 3 * step))
    return width, height, colours


class Fake:
    """The fake belayd as a process, its requests as a list."""

    def __init__(self, path, axes=1):
        self.requests, self.ready = [], False
        self.process = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, "fake_belayd.py"), path, str(axes)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        wait(lambda: self.ready, "the fake belayd to listen")

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if "request" in message:
                self.requests.append((time.monotonic(), message["request"]))
            self.ready = self.ready or "ready" in message

    def tell(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def asked(self, method, since=0):
        """Parameters of the requests of this method, from index `since` of all requests on."""
        return [request["params"] for _, request in self.requests[since:] if request["method"] == method]

    def mark(self):
        return len(self.requests)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        self.signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


class Screen:
    """The console as assistive technology sees it."""

    def __init__(self, process):
        self.process, self.known, self.bus = process, {}, accessible.connect()
        self.program = wait(self.find_program, "the console on the accessibility bus", 30)

    def find_program(self):
        check(self.process.poll() is None, "the console ended")
        return accessible.program_of(self.bus, self.process.pid)

    def tree(self):
        """Nodes from the top down; none while the console does not answer."""
        try:
            return self.program.tree()
        except GLib.Error:
            return []

    def look(self, name):
        """The first node with this accessible name and its description, or None and nothing. Remembered, because a tree
        is fifty times the work of a node."""
        try:
            node = self.known.get(name)
            if node is not None:
                now, description = node.words()
                if now == name:
                    return node, description
        except GLib.Error:  # it vanished
            pass
        self.known[name] = node = next((node for _, node in self.tree() if node.name == name), None)
        try:
            return (node, node.words()[1]) if node is not None else (None, "")
        except GLib.Error:
            return None, ""

    def get(self, name):
        return wait(lambda: self.look(name)[0], f"'{name}' on the screen")

    def description(self, name):
        return self.look(name)[1]

    def labels(self):
        """Every text shown."""
        return [node.name for _, node in self.tree() if node.role == accessible.LABEL]

    def has_typed(self, text):
        """Whether an entry holds this text."""
        try:
            return any(node.role in (accessible.TEXT, accessible.ENTRY) and node.text() == text
                       for _, node in self.tree())
        except GLib.Error:
            return False

    def expect(self, name, words, timeout_s=TIMEOUT_S):
        try:
            return wait(lambda: words in self.description(name), f"'{name}' to say '{words}'", timeout_s)
        except Failed as failed:
            raise Failed(f"{failed}; it says '{self.description(name)}'") from None

    def expect_label(self, words):
        return wait(lambda: any(words in label for label in self.labels()), f"the text '{words}' on the screen")

    def enabled(self, name):
        return self.get(name).sensitive()

    def expect_enabled(self, name, enabled=True):
        wait(lambda: self.enabled(name) == enabled, f"'{name}' to be {'offered' if enabled else 'withheld'}")

    def click(self, name):
        """Presses a button the way a screen reader does."""
        check(self.get(name).click(), f"'{name}' has no click, or did not take it")

    def texts_in(self, name):
        """Every text inside the first node of this name: text, left, top, width, height."""
        tree = self.tree()
        place = next((place for place, (_, node) in enumerate(tree) if node.name == name), None)
        check(place is not None, f"'{name}' is not on the screen")
        inside = itertools.takewhile(lambda found: found[0] > tree[place][0], tree[place + 1:])
        return [(node.name, *node.area()) for _, node in inside if node.role == accessible.LABEL and node.name]

    def area(self, name):
        """Left, top, width, height; the window stands at 0,0."""
        left, top, width, height = self.get(name).area()
        check(width > 0 and height > 0, f"'{name}' has no size")
        return left, top, width, height

    def middle(self, name):
        x, y, width, height = self.area(name)
        return x + width // 2, y + height // 2

    def size(self, name):
        return self.area(name)[2:]


class Desk:
    """One console and, unless told otherwise, one fake belayd. Use as a context. `path`: the socket of another one."""

    def __init__(self, console, fake=True, path=None, arguments=(), axes=1):
        self.directory = tempfile.TemporaryDirectory(prefix="belay-desk-")
        self.path = path or os.path.join(self.directory.name, "operate")
        self.fake = Fake(self.path, axes) if fake else None
        self.log = open(os.path.join(self.directory.name, "console.log"), "w+b")
        environment = dict(os.environ, G_DEBUG="fatal-criticals", GTK_A11Y="atspi", GSETTINGS_BACKEND="memory",
                           GDK_BACKEND="x11", LC_ALL="C.UTF-8")
        xdotool("mousemove", 4, 4)
        self.console = subprocess.Popen([console, "--socket", self.path, *arguments], stdout=self.log, stderr=self.log,
                                        env=environment)
        self.screen = None

    def __enter__(self):
        try:
            self.screen = Screen(self.console)
            if self.fake is not None:
                self.screen.expect("Machine", "REHEARSAL")
            return self
        except BaseException:
            self.show_log()
            self.close()
            raise

    def __exit__(self, kind, value, trace):
        alive = self.console.poll() is None
        ended = kind is Done
        if not ended and (kind is not None or not alive):
            self.show_log()
        self.close()
        check(alive or kind is not None, f"the console died with {self.console.returncode}")

    def show_log(self):
        self.log.seek(0)
        sys.stderr.write(self.log.read().decode(errors="replace"))

    def close(self):
        xdotool("mouseup", 1)
        xdotool("keyup", "space")
        if self.console.poll() is None:
            self.console.send_signal(signal.SIGCONT)
            self.console.terminate()
        self.console.wait()
        if self.fake is not None:
            self.fake.stop()
        self.log.close()
        self.directory.cleanup()

    def windows(self, title=""):
        """The X windows of the console that are on the screen, popovers too unless a title is given."""
        words = ["xdotool", "search", "--all", "--onlyvisible", "--pid", str(self.console.pid)]
        words += ["--name", title] if title else []
        return subprocess.run(words, check=False, stdout=subprocess.PIPE, text=True).stdout.split()

    def window(self):
        return self.windows("^Belay$")[-1]

    def dialogs(self):
        return self.windows("^Load a show$")

    def dialog(self):
        """The X window of the open file dialog."""
        return wait(self.dialogs, "the file dialog")[0]

    def focus(self, window):
        """Gives the keyboard to a window, once it is there: there is no window manager to do it."""
        wait(lambda: subprocess.run(["xdotool", "windowfocus", window], check=False).returncode == 0, "the focus")

    def choose_file(self, main, path):
        """Types a path into the file dialog: again while it is not ready, then Return until it closes (the first one
        may only end the completion of the name)."""
        last_s = [0.0]

        def again():
            due = time.monotonic() - last_s[0] > 1
            last_s[0] = time.monotonic() if due else last_s[0]
            return due

        def typed():
            if again():
                self.focus(self.dialog())
                xdotool("key", "ctrl+a")
                xdotool("type", "--delay", 2, path)
            return self.screen.has_typed(path)

        def gone():
            if again():
                xdotool("key", "Return")
            return not self.dialogs()

        wait(typed, "the path in the dialog", 30)
        wait(gone, "the dialog to close", 30)
        self.focus(main)

    # What an operator does.

    def arm(self):
        self.screen.expect_enabled("Arm")
        self.screen.click("Arm")
        self.screen.expect("Controller", "ARMED")
        self.screen.expect_enabled("Hold to run")

    def walk(self, offered):
        self.mode("Walk-through")
        self.screen.expect("Mode", offered)

    def mode(self, name):
        self.screen.expect_enabled("Select mode")
        self.screen.click("Select mode")
        self.screen.expect_enabled(name)
        self.screen.click(name)

    def point(self, name):
        xdotool("mousemove", *self.screen.middle(name))

    def press(self, name="Hold to run"):
        self.point(name)
        xdotool("mousedown", 1)

    def release(self):
        xdotool("mouseup", 1)

    def click(self, name):
        self.screen.expect_enabled(name)  # nobody clicks what is not offered
        self.press(name)
        self.release()

    def choose(self, name, offer):
        """Clicks until the screen offers what the next press will do: a GO that a busy computer shows too late has
        lapsed meanwhile, as it should."""
        def offered():
            self.click(name)
            end_s = time.monotonic() + OFFER_S
            while time.monotonic() < end_s:
                if offer in self.screen.description("Next press"):
                    return True
                time.sleep(0.01)
            return False

        wait(offered, f"'{name}' to offer '{offer}'", 3 * TIMEOUT_S)

    # What a test asks.

    def tokens(self, since=0):
        return self.fake.asked("Permission.Hold", since)

    def expect_request(self, method, since, timeout_s=TIMEOUT_S):
        return wait(lambda: self.fake.asked(method, since), f"request {method}", timeout_s)[-1]

    def expect_tokens(self, since, count=5):
        wait(lambda: len(self.tokens(since)) >= count, f"{count} tokens")

    def expect_no_tokens(self, for_s=0.4):
        """No token for a while, after those on their way have come."""
        quiet_from = [time.monotonic(), len(self.tokens())]

        def quiet():
            if len(self.tokens()) != quiet_from[1]:
                quiet_from[:] = [time.monotonic(), len(self.tokens())]
            return time.monotonic() - quiet_from[0] > for_s

        wait(quiet, "the tokens to end", 3)
