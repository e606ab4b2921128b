#!/usr/bin/python3
"""A stand-in for belayd that speaks the protocol, for states which are hard to reach with a real one.

Usage: fake_belayd.py OPERATE_SOCKET [AXES]

Reads one JSON object a line on standard input, writes one a line on standard output:
  in   {"set": {...}}         merged into the telemetry (objects merged, the rest replaced; axes by index as a list)
  in   {"hello": {...}}       merged into the answer to Meta.Hello of later sessions
  in   {"refuse": {"Safety.Arm": ["code", "message"]}}   refuses a method from now on (null: no more)
  in   {"force": {...}}       the same for what the little machine says anew in each frame: refusals
  in   {"mute": ["Show.Get"]} answers these methods no more, from now on
  in   {"auto": false}        stops the little machine below: telemetry is only what was set
  out  {"ready": true}        once, when the socket listens
  out  {"request": {...}}     every request received
  out  {"session": N, "open": bool}
The little machine: arm, hold, GO (belay) and jog, release, stop, E-stop set from outside, reset, recovery. It moves
numbers, not winches.
"""
import copy
import json
import math
import os
import selectors
import socket
import sys
import time

PERMISSION_MS = 200
TICK_S = 0.02
RECOVERY_US, CLEAR_US = 600_000_000, 30_000_000


def now_us():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def value(number):
    return {"value": number, "age_ms": 8, "quality": "good"}


def merge(into, new):
    for key, item in new.items():
        if key == "axes":
            for axis, change in zip(into["axes"], item):
                merge(axis, change)
        elif isinstance(item, dict) and isinstance(into.get(key), dict):
            merge(into[key], item)
        else:
            into[key] = item


HELLO = {
    "major": 1, "minor": 0, "server": "belayd fake", "session": 0, "rig": "cliff-one", "rig_hash": "0" * 64,
    "rehearsal": True, "cycle_ms": 10, "permission_ms": PERMISSION_MS, "role": "operate",
    "axes": [{
        "name": "winch-1", "carries_person": True, "belay": True, "position_min_m": 2.0, "position_max_m": 30.0,
        "payout_speed_max_m_s": 2.0, "takein_speed_max_m_s": 2.5, "jog_speed_max_m_s": 0.5, "tension_max_n": 6000.0,
        "band_min_n": 30.0, "band_max_n": 150.0, "weight_on_line_n": 250.0, "slack_n": 15.0,
        "lowering_speed_max_m_s": 0.3}],
}


def belay_cue(cue, name):
    return {"id": cue, "name": name, "kind": "belay", "axis": "winch-1", "group": None, "position_m": None,
            "speed_m_s": None, "tension_n": 90.0}


def move_cue(cue, name, position_m):
    return {"id": cue, "name": name, "kind": "move", "axis": "winch-1", "group": None, "position_m": position_m,
            "speed_m_s": 0.5, "tension_n": None}


CUES = [belay_cue("1", "Belay on"), move_cue("2", "Top of the ledge", 8.0), belay_cue("3", "Belay again"),
        move_cue("4", "Back to the deck", 24.5),
        move_cue("5", "Down past the second camera, and stop above the ledge", 9.0)]
TELEMETRY = {
    "cycle": 0, "t_us": 0, "state": "disarmed", "rehearsal": True,
    "estop": {"known": True, "a_closed": True, "b_closed": True,
              "stations": [{"name": name, "a_closed": True, "b_closed": True} for name in ("belay desk", "cliff top")]},
    "operation": {"mode": "setup", "percent": 0, "first_percent": 10, "offer_percent": 10, "standby_percent": 0,
                  "show_refusal": {"name": "ladder", "text": "A move has not run clean on the rung before."}},
    "armed": False,
    "permission": {"alive": False, "session": 0, "press": 0}, "first_out": None, "faults": [], "remaining": [],
    "overruns": 0, "late_us_max": 61, "estop_count": 0, "estop_reaction_cycles": -1,
    "links": [{"name": "field", "state": "up", "errors": 0, "round_trip_us": 2100, "refusal": None,
               "loss": None}],
    "show": "free-climb", "standby_cue": "1", "running_cue": None, "go_refusal": None, "last_stop": None,
    "axes": [{
        "name": "winch-1", "state": "disarmed", "mode": "none", "position_m": value(12.345), "speed_m_s": value(0.0),
        "tension_n": value(42.0), "setpoint_m_s": 0.0, "stop_at_m": None, "jog_speed_max_m_s": 0.5,
        "brake_open": False, "drive_enabled": False,
        "line_locked": False, "fall_caught": False, "slack": False, "ground_fall": False, "height_m": 7.1,
        "clamped": False, "drive_fault_code": None, "payout_refusal": None, "takein_refusal": None,
        "alone": None, "recovery": None, "faults": []}],
    "groups": [],
}
ESTOP_FAULT = {"fault": "estop", "text": "Emergency stop",
               "cause": "An E-stop station is pressed or its cable is open.",
               "remedy": "Release the station, check that the stage is clear, then reset."}


REFUSALS = {
    "fault_latched": "A fault is latched: mend its cause, then reset.",
    "not_armed": "Not armed: arm first.",
    "busy": "Another motion runs: stop it first.",
    "no_show": "No show is loaded: load one first.",
    "line_locked": "The line is locked, a person may hang on it: only lowering by jog, at lowering speed; unlock when "
                   "nobody hangs there.",
}


def refusal(name, axis=None):
    """As telemetry tells it; None stays None."""
    return name and {"name": name, "text": (f"{axis['name']}: " if axis else "") + REFUSALS[name]}


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Refused(Exception):
    pass


class Machine:
    """Just enough of a controller for a console to fly."""

    def __init__(self, axes):
        self.telemetry = copy.deepcopy(TELEMETRY)
        self.telemetry["axes"] = [dict(copy.deepcopy(self.axis()), name=f"winch-{i + 1}") for i in range(axes)]
        self.auto, self.refuse, self.jog_m_s, self.expires_us = True, {}, 0.0, 0
        self.dead, self.force = {}, {}
        self.recoveries = {}  # axis: who began it, when it ends, when the clear ends

    def axis(self):
        return self.telemetry["axes"][0]

    def set_axis(self, state, mode="none"):
        moving = state == "running"
        merge(self.axis(), {"state": state, "mode": mode, "brake_open": moving, "drive_enabled": moving})
        self.telemetry["state"] = state
        self.telemetry["armed"] = state in ("armed", "running")

    def end_press(self):
        permission = self.telemetry["permission"]
        if permission["alive"]:
            self.dead[permission["session"]] = max(permission["press"], self.dead.get(permission["session"], 0))
            permission.update(alive=False)
        if self.axis()["state"] == "running":
            self.set_axis("armed")
            self.telemetry["running_cue"] = None
            self.jog_m_s = 0.0

    def tick(self):
        t = self.telemetry
        t["cycle"] += 2
        t["t_us"] = now_us()
        if not self.auto:
            return
        if t["permission"]["alive"] and t["t_us"] > self.expires_us:
            self.end_press()
        if not (t["estop"]["a_closed"] and t["estop"]["b_closed"]) and t["first_out"] is None:
            self.end_press()
            self.set_axis("fault")
            t["first_out"] = dict(ESTOP_FAULT, axis=None, station=None, t_us=t["t_us"])
            t["faults"] = [{key: ESTOP_FAULT[key] for key in ("fault", "text", "remedy")}]
            self.axis()["faults"] = ["estop"]
        self.count_down()
        self.tell_refusals()
        self.move(t["t_us"] / 1e6)

    def count_down(self):
        for name, (_, ends_us, clear_us) in list(self.recoveries.items()):
            axis = self.named(name)
            left_s, clear_s = (max(0, math.ceil((end - now_us()) / 1e6)) for end in (ends_us, clear_us))
            axis["recovery"].update(left_s=left_s, clear_s=clear_s)
            if left_s == 0:
                self.recovery_end(None, {"axis": name})

    def tell_refusals(self):
        t = self.telemetry
        whole = "fault_latched" if t["first_out"] else None if t["armed"] else "not_armed"
        for axis in t["axes"]:
            jogs = axis["mode"] == "jog"
            first = whole or ("busy" if t["state"] == "running" and not jogs else None)
            axis["payout_refusal"] = refusal(first)
            axis["takein_refusal"] = refusal(first) or refusal("line_locked" if axis["line_locked"] else None, axis)
        go = whole or ("busy" if t["state"] == "running" else None) or (None if t["show"] else "no_show")
        t["go_refusal"] = refusal(go) or refusal("line_locked" if self.axis()["line_locked"] else None, self.axis())
        merge(t, self.force)

    def move(self, t_s):
        axis = self.axis()
        speed = 0.0
        if axis["state"] == "running" and axis["mode"] == "jog":
            speed = self.jog_m_s
        elif axis["state"] == "running":
            speed = -0.35 + 0.5 * math.sin(1.1 * t_s) * math.sin(0.37 * t_s)
        tension = 90 + 160 * speed * math.cos(2.3 * t_s) + 4 * math.sin(37 * t_s) if axis["mode"] == "follow" else 42.0
        position = axis["position_m"]["value"]
        if position is not None:
            position = min(30.0, max(2.0, position + speed * TICK_S))
            merge(axis, {"position_m": value(round(position, 4)), "speed_m_s": value(round(speed, 4)),
                         "tension_n": value(round(tension, 1)), "setpoint_m_s": round(speed, 4),
                         "height_m": round(max(0.0, 28.0 - position), 3)})

    def check_press(self, session, press):
        permission = self.telemetry["permission"]
        if press <= self.dead.get(session, 0):
            raise Refused("press_used", "This hold ended at a stop: let go, then press and hold again.")
        if not permission["alive"] or permission["session"] != session or permission["press"] != press:
            raise Refused("no_permission", "No hold is alive for this: press and hold HOLD TO RUN.")

    def call(self, session, method, params):
        if method in self.refuse and self.refuse[method]:
            raise Refused(*self.refuse[method])
        return getattr(self, method.lower().replace(".", "_"))(session, params)

    def safety_stop(self, session, params):
        if self.telemetry["state"] == "running":
            self.telemetry["last_stop"] = {"what": "stop", "session": session, "client": "belay-console"}
        self.end_press()
        return {}

    def safety_reset(self, session, params):
        if self.telemetry["first_out"] is not None:
            merge(self.telemetry, {"first_out": None, "faults": []})
            self.axis()["faults"] = []
            self.axis()["fall_caught"] = False
            self.set_axis("disarmed")
        return {}

    def line_unlock(self, session, params):
        for axis in self.telemetry["axes"]:
            if axis["name"] == params["axis"]:
                axis["line_locked"] = False
        return {}

    def mode_select(self, session, params):
        if self.telemetry["armed"]:
            raise Refused("armed", "Armed: mode, show and recovery change only while disarmed, under nobody's hand: "
                                   "disarm first, then try again.")
        percent = {"setup": 0, "walk_through": params["percent"], "show": 100}[params["mode"]]
        self.telemetry["operation"].update(mode=params["mode"], percent=percent)
        return {}

    def safety_arm(self, session, params):
        if self.telemetry["first_out"] is not None:
            raise Refused("fault_latched", "A fault is latched: mend its cause, then reset.")
        self.set_axis("armed")
        return {}

    def axis_reset(self, session, params):
        return self.alone(params, "disarmed", "arm")

    def axis_arm(self, session, params):
        return self.alone(params, "armed", "hold")

    def alone(self, params, state, then):
        axis = next(axis for axis in self.telemetry["axes"] if axis["name"] == params["axis"])
        axis.update(state=state, alone=then, faults=[])
        return {}

    def named(self, name):
        return next(axis for axis in self.telemetry["axes"] if axis["name"] == name)

    def recovery_begin(self, session, params):
        self.recoveries[params["axis"]] = (session, now_us() + RECOVERY_US, 0)
        self.named(params["axis"]).update(line_locked=True, recovery={"without": params["without"], "left_s": 600,
                                                                      "clear_s": 0})
        return {}

    def recovery_clear(self, session, params):
        began, ends_us, _ = self.recoveries[params["axis"]]
        if began == session:
            raise Refused("same_person", "Recovery takes two people: one moves, another one gives clear.")
        self.recoveries[params["axis"]] = (began, ends_us, now_us() + CLEAR_US)
        return {}

    def recovery_end(self, session, params):
        del self.recoveries[params["axis"]]
        self.named(params["axis"])["recovery"] = None
        return {}

    def safety_disarm(self, session, params):
        self.end_press()
        if self.axis()["state"] != "fault":
            self.set_axis("disarmed")
        return {}

    def show_get(self, session, params):
        return {"loaded": True, "name": self.telemetry["show"], "hash": "1" * 64, "cues": CUES}

    def show_load(self, session, params):
        self.telemetry["show"] = params["name"]
        return {"name": params["name"], "hash": "2" * 64, "cues": CUES}

    def cue_standby(self, session, params):
        self.telemetry["standby_cue"] = params["cue"]
        return {}

    def permission_hold(self, session, params):
        permission = self.telemetry["permission"]
        if params["press"] <= self.dead.get(session, 0):
            return {"alive": False}
        if permission["alive"] and permission["session"] != session:
            raise Refused("permission_taken", "Another session holds the permission.")
        permission.update(alive=True, session=session, press=params["press"])
        self.expires_us = params["t_us"] + PERMISSION_MS * 1000
        return {"alive": True}

    def permission_end(self, session, params):
        if self.telemetry["permission"]["session"] == session:
            self.end_press()
        return {}

    def cue_go(self, session, params):
        self.check_press(session, params["press"])
        self.telemetry["last_stop"] = None
        self.set_axis("running", "follow")
        self.telemetry["running_cue"] = params["cue"]
        return {}

    def axis_jog(self, session, params):
        self.check_press(session, params["press"])
        self.jog_m_s = params["speed_m_s"]
        self.telemetry["last_stop"] = None
        self.set_axis("running", "jog")
        return {"speed_m_s": self.jog_m_s}

    def state_get(self, session, params):
        return self.telemetry


class Server:
    def __init__(self, path, axes):
        self.machine, self.sessions, self.next_session = Machine(axes), {}, 1
        self.hello = copy.deepcopy(HELLO)
        self.hello["axes"] = [dict(self.hello["axes"][0], name=f"winch-{i + 1}") for i in range(axes)]
        self.selector, self.line, self.mute = selectors.DefaultSelector(), b"", []
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(8)
        os.set_blocking(sys.stdin.fileno(), False)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.control)
        say({"ready": True})

    def accept(self, _):
        client, _ = self.listener.accept()
        client.setblocking(False)
        self.sessions[client] = {"number": self.next_session, "period_us": None, "due_us": 0, "seq": 0}
        say({"session": self.next_session, "open": True})
        self.next_session += 1
        self.selector.register(client, selectors.EVENT_READ, self.request)

    def drop(self, client):
        session = self.sessions.pop(client)
        self.selector.unregister(client)
        client.close()
        if self.machine.telemetry["permission"]["session"] == session["number"]:
            self.machine.end_press()
        say({"session": session["number"], "open": False})

    def control(self, stream):
        data = os.read(stream.fileno(), 65536)
        if not data:
            sys.exit(0)
        self.line += data
        while b"\n" in self.line:
            line, self.line = self.line.split(b"\n", 1)
            order = json.loads(line)
            merge(self.machine.telemetry, order.get("set", {}))
            merge(self.hello, order.get("hello", {}))
            self.machine.force = order.get("force", self.machine.force)
            self.machine.refuse.update(order.get("refuse", {}))
            self.machine.auto = order.get("auto", self.machine.auto)
            self.mute = order.get("mute", self.mute)

    def request(self, client):
        try:
            packet = client.recv(81920)
        except ConnectionError:
            packet = b""
        if not packet:
            self.drop(client)
            return
        request = json.loads(packet)
        say({"request": request, "session": self.sessions[client]["number"]})
        if request["method"] in self.mute:
            return
        reply = {"v": 1, "id": request["id"]}
        try:
            reply["result"] = self.answer(self.sessions[client], request["method"], request["params"])
        except Refused as refused:
            reply["error"] = {"code": refused.args[0], "message": refused.args[1]}
        self.send(client, reply)

    def answer(self, session, method, params):
        if method == "Meta.Hello":
            return dict(self.hello, session=session["number"])
        if method == "State.Subscribe":
            session["period_us"] = params["period_ms"] * 1000
            return {}
        return self.machine.call(session["number"], method, params)

    def send(self, client, message):
        try:
            client.send(json.dumps(message).encode())
        except (BlockingIOError, ConnectionError):
            pass  # a client that does not read loses packets

    def run(self):
        next_tick = time.monotonic()
        while True:
            for key, _ in self.selector.select(max(0.0, next_tick - time.monotonic())):
                key.data(key.fileobj)
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_S
                self.machine.tick()
                self.publish()

    def publish(self):
        t_us = self.machine.telemetry["t_us"]
        for client, session in list(self.sessions.items()):
            if session["period_us"] is not None and t_us >= session["due_us"]:
                session["due_us"] = t_us + session["period_us"] - 1000
                session["seq"] += 1
                self.send(client, {"v": 1, "event": "State.Telemetry", "seq": session["seq"], "t_us": t_us,
                                   "params": self.machine.telemetry})


if __name__ == "__main__":
    Server(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1).run()
