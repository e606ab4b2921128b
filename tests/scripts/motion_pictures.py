"""The pictures of docs/motion.md: `motion_pictures.py build/tests/bench docs/images`.

Plans come from the planner, flights from the benchmark's; the curve of all ramps is integrated here, from the jerk.
"""

import csv
import math
import pathlib
import subprocess
import sys
import tempfile

COLUMNS = 'id,p0,v0,a0,p1,v1,vmax,vmin,amax,jmax'
WIDTH, PANEL, LEFT, GAP = 760, 110, 60, 26


def plan(program, row):
    with tempfile.NamedTemporaryFile('w', suffix='.csv') as table:
        table.write(COLUMNS + '\n' + ','.join(map(str, ['0', *row])) + '\n')
        table.flush()
        said = subprocess.run([program, '--plan', table.name], capture_output=True, text=True, check=True).stdout
    _, duration, segments = said.strip().split(',')
    return float(duration), [tuple(map(float, part.split(':'))) for part in segments.split()]


def course(start, segments, steps=60):
    """Rows of time, position, speed, acceleration, jerk."""
    t, (p, v, a) = 0.0, start
    rows = []
    for dt, j in segments:
        for i in range(steps + 1):
            h = dt * i / steps
            rows.append((t + h, p + h * (v + h * (a / 2 + h * j / 6)), v + h * (a + h * j / 2), a + h * j, j))
        t, (p, v, a) = t + dt, (rows[-1][1], rows[-1][2], rows[-1][3])
    return rows


class Panel:
    def __init__(self, top, xs, ys, label):
        self.top, self.label = top, label
        self.x0, self.x1 = min(xs), max(xs)
        low, high = min(ys), max(ys)
        pad = 0.08 * (high - low or 1)
        self.y0, self.y1 = low - pad, high + pad

    def at(self, x, y):
        return (LEFT + (x - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - 20),
                self.top + PANEL - (y - self.y0) / (self.y1 - self.y0) * PANEL)

    def frame(self):
        x, y = self.at(self.x0, self.y0)
        out = [f'<rect x="{x:.1f}" y="{self.top}" width="{WIDTH - LEFT - 20}" height="{PANEL}" fill="none" '
               'stroke="#999"/>',
               f'<text x="{LEFT}" y="{self.top - 6}">{self.label}</text>']
        for value in (self.y0, self.y1):
            out.append(f'<text x="{LEFT - 6}" y="{self.at(self.x0, value)[1] + 4:.1f}" text-anchor="end">'
                       f'{value:.3g}</text>')
        if self.y0 < 0 < self.y1:
            out.append(self.line([(self.x0, 0), (self.x1, 0)], '#bbb'))
        return out

    def line(self, points, color, dash=''):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in (self.at(*point) for point in points))
        style = f' stroke-dasharray="{dash}"' if dash else ''
        return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"{style}/>'

    def dot(self, x, y, text):
        cx, cy = self.at(x, y)
        return (f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="3.5" fill="#b00"/>'
                f'<text x="{cx + 6:.1f}" y="{cy - 6:.1f}">{text}</text>')


def write(path, height, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
            f'font-size="12"><rect width="{WIDTH}" height="{height}" fill="white"/>')
    path.write_text(head + '\n' + '\n'.join(parts) + '\n</svg>\n')


def picture_of_a_plan(program, path):
    start, goal, limits = (0.0, -0.6, -0.8), (6.0, 0.0), (2.0, -1.5, 1.6, 6.0)
    duration, segments = plan(program, [*start, *goal, *limits])
    rows = course(start, segments)
    parts, top = [], 30
    for column, label, bounds in ((1, 'position, m', ()), (2, 'speed, m/s', limits[:2]),
                                  (3, 'acceleration, m/s2', (limits[2], -limits[2])),
                                  (4, 'jerk, m/s3', (limits[3], -limits[3]))):
        panel = Panel(top, [0, duration], [row[column] for row in rows] + list(bounds), label)
        parts += panel.frame()
        parts += [panel.line([(0, bound), (duration, bound)], '#c60', '5 4') for bound in bounds]
        parts.append(panel.line([(row[0], row[column]) for row in rows], '#05a'))
        top += PANEL + GAP
    parts.append(f'<text x="{LEFT}" y="{top}">0 to {duration:.3f} s; dashed: limits</text>')
    write(path, top + 14, parts)


def shortest_ramp(v, a, to, most, j):
    """The shortest change of speed to `to`, at rest in acceleration: segments."""
    sign = 1 if to >= v + a * abs(a) / (2 * j) else -1
    peak = min(most, math.sqrt(max(0.0, sign * j * (to - v) + a * a / 2)))
    hold = max(0.0, (sign * (to - v) - (2 * peak * peak - a * a) / (2 * j)) / most)
    return [(max(0.0, (peak - sign * a) / j), sign * j), (hold, 0.0), (peak / j, -sign * j)]


def beginning(a, sign, t, most, j):
    ramp = (most - sign * a) / j
    return [(min(t, ramp), sign * j), (max(0.0, t - ramp), 0.0)]


def courses(start, to, sign, longest):
    """Way and duration of all that begin with this jerk for a time, and take the shortest ramp then."""
    most, j = 2.0, 3.0
    for i in range(400):
        segments = beginning(start[2], sign, longest * (i / 399) ** 2, most, j)
        rows = course(start, segments, 1)
        segments += shortest_ramp(rows[-1][2], rows[-1][3], to, most, j)
        end = course(start, segments, 1)[-1]
        yield end[1], end[0]


def picture_of_all_ramps(path):
    parts, top = [], 30
    for label, start, to, longest in (('duration, s: to rest', (0.0, 1.5, -1.2), 0.0, 1.6),
                                      ('duration, s: to 1.2 m/s', (0.0, 1.2, 0.0), 1.2, 2.3)):
        sides = [list(courses(start, to, sign, longest)) for sign in (-1, 1)]
        every = sides[0] + sides[1]
        panel = Panel(top, [x for x, _ in every if x < 6], [0] + [y for x, y in every if x < 6], label)
        parts += panel.frame()
        parts += [panel.line([at for at in side if at[0] < 6], color) for side, color in zip(sides, ('#05a', '#080'))]
        parts.append(panel.dot(*sides[0][0], 'shortest ramp'))
        parts.append(f'<text x="{LEFT}" y="{top + PANEL + 18}">way from {panel.x0:.2f} m to {panel.x1:.2f} m</text>')
        top += PANEL + 2 * GAP
    parts.append(f'<text x="{LEFT}" y="{top}">green: the jerk is positive first, blue: negative first</text>')
    write(path, top + 14, parts)


def picture_of_a_flight(program, path):
    """From above, and the pulls along the way."""
    table = subprocess.run([program, '--table'], capture_output=True, text=True, check=True).stdout
    rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(table.splitlines())]
    anchors, side, top = [(0, 0, 'A'), (30, 0, 'B'), (30, 30, 'C'), (0, 30, 'D')], 300, 30
    colors = ('#05a', '#080', '#a05', '#c60')

    def seen(x, y):
        return LEFT + x / 30 * side, top + side - y / 30 * side

    parts = [f'<text x="{LEFT}" y="{top - 14}">from above, 30 m wide: anchors, lines at three places, the path</text>']
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        x, y = seen(row['x_m'], row['y_m'])
        for (ax, ay, _), color in zip(anchors, colors):
            bx, by = seen(ax, ay)
            parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{bx:.1f}" y2="{by:.1f}" stroke="{color}" '
                         'stroke-width="0.6"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#b00"/>')
    line = ' '.join(f'{x:.1f},{y:.1f}' for x, y in (seen(row['x_m'], row['y_m']) for row in rows))
    parts.append(f'<polyline points="{line}" fill="none" stroke="#b00" stroke-width="1.6"/>')
    for (ax, ay, name), color in zip(anchors, colors):
        x, y = seen(ax, ay)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>'
                     f'<text x="{x + 7:.1f}" y="{y - 5:.1f}">{name}</text>')
    top += side + 2 * GAP
    pulls = [[(row['way_m'], row[f'tension_{i}_n']) for row in rows] for i in range(4)]
    panel = Panel(top, [row['way_m'] for row in rows], [0] + [n for pull in pulls for _, n in pull],
                  'pull of each line at rest, N')
    parts += panel.frame() + [panel.line(pull, color) for pull, color in zip(pulls, colors)]
    parts.append(f'<text x="{LEFT}" y="{top + PANEL + 18}">way along the path from 0 to {rows[-1]["way_m"]:.2f} m; '
                 'blue A, green B, purple C, orange D</text>')
    write(path, top + PANEL + 32, parts)


def main(folder_of_programs, folder):
    programs, images = pathlib.Path(folder_of_programs), pathlib.Path(folder)
    program = programs / 'otg'
    picture_of_a_flight(programs / 'flight', images / 'motion-point.svg')
    picture_of_a_plan(program, images / 'motion-plan.svg')
    picture_of_all_ramps(images / 'motion-ramps.svg')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
