"""A private X server and message bus for console tests, and their TAP. Knows neither the console nor AT-SPI."""
import atexit
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))

import steady  # noqa: E402

TOOLS = {"dbus-run-session": "dbus-daemon", "xvfb-run": "xvfb", "xauth": "xauth", "xdotool": "xdotool"}
INSIDE = "BELAY_TEST_INSIDE"


class Failed(Exception):
    """A test did not see what it should."""


class Done(Exception):
    """The console has ended, as it was meant to."""


def screen_size():
    return os.environ.get("BELAY_TEST_SCREEN", "1600x1000")


def enter():
    """Runs this program again inside a display of its own. Returns when already there; a missing tool is a failure that
    names the package."""
    if INSIDE in os.environ:
        atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return
    missing = [f"{tool} (package {package})" for tool, package in TOOLS.items() if shutil.which(tool) is None]
    try:
        import gi
        gi.require_version("GdkPixbuf", "2.0")
    except (ImportError, ValueError):
        missing.append("D-Bus and pictures for Python (packages python3-gi, gir1.2-gdkpixbuf-2.0)")
    if missing:
        print("1..1\nnot ok 1 - tools\n# missing: " + ", ".join(missing))
        sys.exit(1)
    # The accessibility bus lies in here: in the user's own directory two displays would take it from each other.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="belay-display-")
    # The bus and its services talk on standard output; the TAP goes round them.
    os.environ[INSIDE] = str(os.dup(1))
    os.set_inheritable(int(os.environ[INSIDE]), True)
    os.dup2(2, 1)
    os.execvp("dbus-run-session", ["dbus-run-session", "--", "xvfb-run", "-a", "-s",
                                   f"-screen 0 {screen_size()}x24 -nolisten tcp -noreset",
                                   sys.executable, "-W", "ignore", *sys.argv])


def run(function):
    """The reason of a failure, or None."""
    try:
        function()
    except Done:
        pass
    except Exception as failed:  # noqa: BLE001 - any failure is a failed test, and the next one runs
        if not isinstance(failed, Failed):
            traceback.print_exc()
        return str(failed) or type(failed).__name__
    return None


def run_all(tests, names):
    """Runs the tests of these names, or all when there are none; prints TAP; ends the program. A test that failed while
    the computer stood still is tried again."""
    out = os.fdopen(int(os.environ[INSIDE]), "w")
    chosen = [function for function in tests if not names or function.__name__ in names]
    print(f"1..{len(chosen)}", file=out, flush=True)
    failures = 0
    with steady.from_environment() as witness:
        for number, function in enumerate(chosen, 1):
            start_s = time.monotonic()
            reason = None

            def once():
                nonlocal reason
                reason = run(function)
                return reason is None

            witness.tries(function.__name__, once, lambda words: print(words, file=out, flush=True))
            failures += reason is not None
            words = "ok" if reason is None else "not ok"
            print(f"{words} {number} - {function.__name__} # {time.monotonic() - start_s:.1f} s", file=out)
            print("".join(f"# {line}\n" for line in (reason or "").splitlines()), end="", file=out, flush=True)
    sys.exit(1 if failures or not chosen else 0)
