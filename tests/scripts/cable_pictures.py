"""The pictures of docs/cable.md: `cable_pictures.py docs/images`.

Drawn from the physics, not from the program: the drum from its turns, the carriage as a mass on a spring behind a winch
that lowers it, the swing left by a ramp from its closed form.
"""

import math
import pathlib
import sys

from motion_pictures import GAP, LEFT, PANEL, Panel, write

G = 9.80665


def ramps(a, v, jerk, cruise_s):
    """Jerk over time of a move from rest to rest: (duration, jerk)."""
    ramp, hold = a / jerk, v / a - a / jerk
    change = [(ramp, 1), (hold, 0), (ramp, -1)]
    return [(t, s * jerk) for t, s in change] + [(cruise_s, 0)] + [(t, -s * jerk) for t, s in change]


def flown(mass_kg, k_n_m, segments, dt=0.0005):
    """Rows of time, the drum's acceleration, its speed, the load's acceleration; pay-out positive."""
    t = drum = speed = accel = load = load_speed = load_accel = 0.0
    rows = []
    for duration, jerk in segments + [(1.0, 0)]:
        for _ in range(round(duration / dt)):
            t, drum = t + dt, drum + speed * dt + accel * dt * dt / 2
            speed, accel = speed + accel * dt, accel + jerk * dt
            load_speed += load_accel * dt / 2
            load += load_speed * dt
            load_accel = k_n_m / mass_kg * (drum - load)
            load_speed += load_accel * dt / 2
            rows.append((t, accel, speed, load_accel))
    return rows


def picture_of_tension(path):
    mass_kg, length_m, lead_m, friction, a, jerk, share = 1750, 20, 5, 0.02, 0.3, 0.6, 0.08
    parts, top = [], 30
    for ea_mn in (6, 2):
        rows = flown(mass_kg, ea_mn * 1e6 / (length_m + lead_m), ramps(a, 0.5, jerk, 2.5))[::40]
        real = [(t, mass_kg * (G - load) / (1 + friction if v > 0.001 else 1) / 1000) for t, _, v, load in rows]
        plan = [(t, mass_kg * (G - accel) / (1 + friction if v > 0.001 else 1) / 1000) for t, accel, v, _ in rows]
        band = [[(t, n * (1 + sign * share)) for t, n in plan] for sign in (-1, 1)]
        panel = Panel(top, [t for t, _ in plan], [n for _, n in band[0] + band[1]],
                      f'tension at the load cell, kN: EA {ea_mn} MN, {length_m} + {lead_m} m, {mass_kg} kg, '
                      f'{a} m/s2, {jerk} m/s3, friction 2 %')
        parts += panel.frame() + [panel.line(edge, '#c60', '5 4') for edge in band]
        parts += [panel.line(real, '#05a'), panel.line(plan, '#080')]
        top += PANEL + GAP
    parts.append(f'<text x="{LEFT}" y="{top}">green: expected; blue: a mass on a spring; dashed: 8 %. '
                 f'0 to {rows[-1][0]:.1f} s, to 0.5 m/s and back</text>')
    write(path, top + 14, parts)


def picture_of_swing(path):
    xs = [i / 100 for i in range(1, 301)]
    exact = [(x, abs(math.sin(math.pi * x) / (math.pi * x))) for x in xs]
    most = [(x, y if x < 0.5 else 1 / (math.pi * x)) for x, y in exact]
    panel = Panel(30, xs, [0, 1], 'share of the acceleration that a ramp leaves swinging')
    parts = panel.frame() + [panel.line(most, '#c60', '5 4'), panel.line(exact, '#05a')]
    for x, _ in [(1, 0), (2, 0)]:
        parts.append(panel.dot(x, 0, f'{x}'))
    parts.append(f'<text x="{LEFT}" y="{30 + PANEL + 18}">0 to 3 bounce periods a ramp; dashed: what is granted</text>')
    write(path, 30 + PANEL + 32, parts)


def picture_of_drum(path):
    core_m, rope_m, per_layer, layers = 0.4, 0.016, 12, 4
    turns = [i / 10 for i in range(layers * per_layer * 10 + 1)]
    length, rows, ways = 0.0, [], []
    for i, turn in enumerate(turns):
        layer = min(int(turn / per_layer), layers - 1)
        one = math.hypot(2 * math.pi * ((core_m + rope_m) / 2 + layer * rope_m), rope_m)
        ways.append((turn, one))
        rows.append((turn, length))
        length += one * 0.1
    parts, top = [], 30
    for points, label in ((rows, 'rope on the drum, m'), (ways, 'rope in one turn, m')):
        panel = Panel(top, turns, [y for _, y in points], label)
        parts += panel.frame() + [panel.line(points, '#05a')]
        top += PANEL + GAP
    parts.append(f'<text x="{LEFT}" y="{top}">0 to {layers * per_layer} turns: {layers} layers of {per_layer}, '
                 'core 400 mm, rope 16 mm</text>')
    write(path, top + 14, parts)


def main(folder):
    images = pathlib.Path(folder)
    picture_of_drum(images / 'cable-drum.svg')
    picture_of_swing(images / 'cable-swing.svg')
    picture_of_tension(images / 'cable-tension.svg')


if __name__ == '__main__':
    main(sys.argv[1])
