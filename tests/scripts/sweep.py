"""The map of the belaying law: `sweep.py build/tests/bench/belay-sweep docs` flies it (minutes) and writes
reports/sweep.md, images/sweep.svg and images/sweep-margins.svg. With `--from FOLDER` it only
draws what an earlier run left in map-2.csv, map-10.csv, margins-2.csv and margins-10.csv.

The law of the band, drawn in: of a burst of acceleration a the person is seen late, so a share of a tau^2 of rope is
missing, whatever the rope is; its stiffness makes newtons of that. See docs/belaying.md.
"""

import csv
import math
import pathlib
import subprocess
import sys

CYCLES_MS = (2, 10)
HALF_BAND_N, BURST_M_S2, SPEED_M_S = 60, 3, 1
BAND_PERCENT, CEILING_N, SLACK_M, GAIN, PHASE_DEG = 99.5, 250, 0.2, 2, 60
SHADES = [(99.95, '#dcefe2'), (99.5, '#b9dfc5'), (98, '#fbe7b2'), (90, '#f6c98f'), (0, '#ee9f8d')]
# Name, what of a row counts, where it ends, colour, dashes.
EDGES = [
    ('99.5 % of the time in 30 to 150 N', lambda row: BAND_PERCENT - row['band_percent'], '#000', '', 2.6),
    ('never above 250 N', lambda row: row['max_n'] - CEILING_N, '#b00020', '7 3', 2),
    ('slack below 0.2 m', lambda row: row['slack_m'] - SLACK_M, '#0050c0', '2 3', 2.2),
    ('gain margin 2 and 60 degrees', lambda row: max(GAIN - row['gain'], (PHASE_DEG - row['phase_deg']) / 60),
     '#8020a0', '10 3 2 3', 2),
    ('no catch by mistake', lambda row: row['catches'] - 0.5, '#804000', '1 4', 2.4),
]
LAWS = [
    ('observer: 60 N / (2.5 a τ² + 5 mm)',
     lambda tau: HALF_BAND_N / (2.5 * BURST_M_S2 * tau * tau + 0.005), '#007a3d', ''),
    ('PI: 60 N / 5.4 a τ²', lambda tau: HALF_BAND_N / (5.4 * BURST_M_S2 * tau * tau), '#007a3d', '6 4'),
    ('P: 60 N / 2.5 v τ', lambda tau: HALF_BAND_N / (2.5 * SPEED_M_S * tau), '#007a3d', '1 4'),
]
TOLD = {0.8: 'told 20 % too little', 1.0: 'told right', 2.0: 'told twice as much'}
NAMED = {2: [(35, 'fast'), (65, 'fast-40')], 10: [(85, 'mid'), (145, 'slow')]}
ASKED = {2: (65, 4.0), 10: (85, 1.0)} # of free-climb: lag sum, kN/m
LAG_MS, K_N_M = (30, 150), (500 / 24 ** (1 / 20), 12000 * 24 ** (1 / 20))


def read(lines):
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


def edge(column, excess):
    """The stiffness up to which it holds along one lag, from the first rope on for which it does; None: to the last."""
    before = None
    for row in column:
        if excess(row) > 0 and before is not None:
            share = -excess(before) / (excess(row) - excess(before))
            return before['n_m'] * (row['n_m'] / before['n_m']) ** share
        before = row if excess(row) <= 0 else None
    return None if before is not None else 0


class Map:
    """One panel: lag sum by stiffness."""

    def __init__(self, left, top, width, height):
        self.left, self.top, self.width, self.height = left, top, width, height

    def x(self, ms):
        return self.left + (ms - LAG_MS[0]) / (LAG_MS[1] - LAG_MS[0]) * self.width

    def y(self, n_m):
        return self.top + self.height * math.log(K_N_M[1] / n_m) / math.log(K_N_M[1] / K_N_M[0])

    def line(self, points, color, dash, width):
        inside = [(self.x(ms), self.y(min(max(n_m, K_N_M[0]), K_N_M[1]))) for ms, n_m in points]
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in inside)
        return (f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}" '
                f'stroke-linejoin="round"{f" stroke-dasharray=" + chr(34) + dash + chr(34) if dash else ""}/>')

    def cell(self, row, step):
        shade = next(color for least, color in SHADES if row['band_percent'] >= least)
        half = 24 ** (1 / 20)
        x0, x1 = self.x(row['lag_ms'] - step / 2), self.x(row['lag_ms'] + step / 2)
        y0, y1 = self.y(row['n_m'] * half), self.y(row['n_m'] / half)
        size = f'width="{x1 - x0 + 0.3:.1f}" height="{y1 - y0 + 0.3:.1f}"'
        return f'<rect x="{x0:.1f}" y="{y0:.1f}" {size} fill="{shade}"/>'

    def law(self, law):
        points = [(ms, law(ms / 1000)) for ms in range(LAG_MS[0], LAG_MS[1] + 1)]
        return [point for point in points if K_N_M[0] <= point[1] <= K_N_M[1]]

    def frame(self, title, first, last):
        out = [f'<rect x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}" fill="none" '
               'stroke="#444"/>',
               f'<text x="{self.left + self.width / 2}" y="{self.top - 8}" text-anchor="middle" font-weight="bold">'
               f'{title}</text>']
        for ms in range(40, 150, 20):
            x, y = self.x(ms), self.top + self.height
            out.append(f'<path d="M{x:.1f} {y} v5" stroke="#444"/>')
            if last:
                out.append(f'<text x="{x:.1f}" y="{y + 18}" text-anchor="middle">{ms}</text>')
        for kn_m in (0.5, 1, 2, 4, 8, 12):
            y = self.y(kn_m * 1000)
            out.append(f'<path d="M{self.left} {y:.1f} h-5" stroke="#444"/>')
            if first:
                out.append(f'<text x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end">{kn_m:g}</text>')
        return out


def columns(rows, cycle_ms, told):
    mine = [row for row in rows if row['cycle_ms'] == cycle_ms and row['told'] == told]
    lags = sorted({row['lag_ms'] for row in mine})
    return {lag: sorted((row for row in mine if row['lag_ms'] == lag), key=lambda row: row['n_m']) for lag in lags}


def panel(rows, cycle_ms, told, place):
    box, first, last = Map(*place), told == 0.8, cycle_ms == 10
    mine = columns(rows, cycle_ms, told)
    parts = [box.cell(row, 10) for column in mine.values() for row in column]
    parts += [box.line(box.law(law), color, dash, 1.8) for _, law, color, dash in LAWS]
    for _, excess, color, dash, width in EDGES:
        points = [(lag, edge(column, excess)) for lag, column in mine.items()]
        points = [(lag, n_m) for lag, n_m in points if n_m is not None]
        if points:
            parts.append(box.line(points, color, dash, width))
    soft = [(lag, softest(column)) for lag, column in mine.items()]
    if any(n_m > 500 for _, n_m in soft):
        parts.append(box.line([(lag, n_m) for lag, n_m in soft if n_m > 500], *EDGES[-1][2:]))
    for ms, name in NAMED[cycle_ms]:
        x = box.x(ms)
        anchor = 'start' if ms < 50 else 'end' if ms > 140 else 'middle'
        parts.append(f'<path d="M{x:.1f} {box.top} v7" stroke="#000" stroke-width="2"/>'
                     f'<text x="{x:.1f}" y="{box.top + 19}" text-anchor="{anchor}" font-size="11">{name}</text>')
    ms, kn_m = ASKED[cycle_ms]
    parts.append(f'<circle cx="{box.x(ms):.1f}" cy="{box.y(kn_m * 1000):.1f}" r="5" fill="#fff" stroke="#000" '
                 'stroke-width="2"/>')
    return parts + box.frame(f'{cycle_ms} ms cycle, {TOLD[told]}', first, last)


def legend(top, drawn):
    parts, y = [], top
    for name, _, color, dash, width in EDGES:
        text = name if color in drawn else f'{name}: in all cells'
        parts.append(f'<path d="M60 {y} h44" stroke="{color}" stroke-width="{width}" stroke-dasharray="{dash}"/>'
                     f'<text x="114" y="{y + 4}">{text}</text>')
        y += 20
    y = top
    for name, _, color, dash in LAWS:
        parts.append(f'<path d="M400 {y} h44" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>'
                     f'<text x="454" y="{y + 4}">law, {name}</text>')
        y += 20
    parts.append(f'<circle cx="422" cy="{y}" r="5" fill="#fff" stroke="#000" stroke-width="2"/>'
                 f'<text x="454" y="{y + 4}">asked of free-climb (a 3 m/s², v 1 m/s)</text>')
    words = ['99.95 % and more', '99.5', '98', '90', 'less']
    for i, (word, (_, color)) in enumerate(zip(words, SHADES)):
        tail = ' of the time in the band' if i == 0 else ''
        parts.append(f'<rect x="740" y="{top - 10 + 17 * i}" width="22" height="14" fill="{color}" stroke="#777"/>'
                     f'<text x="770" y="{top + 2 + 17 * i}">{word}{tail}</text>')
    return parts


def write(path, width, height, parts):
    """A sheet of its own colour, so that it reads on a light page and on a dark one."""
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
            f'font-size="13" fill="none"><rect width="{width}" height="{height}" rx="8" fill="#fff"/>'
            '<style>text { fill: #111 }</style>')
    path.write_text(head + '\n' + '\n'.join(parts) + '\n</svg>\n')


def picture_of_the_map(rows, path):
    parts, width, height = [], 300, 270
    for r, cycle_ms in enumerate(CYCLES_MS):
        for c, told in enumerate(TOLD):
            parts += panel(rows, cycle_ms, told, (60 + c * (width + 30), 40 + r * (height + 40), width, height))
    bottom = 40 + 2 * height + 40
    parts.append(f'<text x="{60 + 1.5 * width + 30}" y="{bottom + 38}" text-anchor="middle">'
                 'lag sum τ = 2.5 cycles + drive + load cell, ms</text>')
    parts.append(f'<text transform="translate(18 {40 + height + 20}) rotate(-90)" text-anchor="middle">'
                 'stiffness of the rope EA / L, kN/m</text>')
    write(path, 3 * width + 150, bottom + 166, parts + legend(bottom + 66, ' '.join(parts)))


def stable(rows, prefix):
    """From the stiffness told right on, either way, up to where the loop swings: beyond it a margin has no meaning."""
    def outwards(some):
        kept = []
        for row in some:
            if kept and (row[prefix + 'gain'] > 2 * kept[-1][prefix + 'gain'] < 4
                         or row[prefix + 'phase_deg'] > kept[-1][prefix + 'phase_deg'] + 20):
                break
            kept.append(row)
        return kept

    middle = next(i for i, row in enumerate(rows) if row['told'] >= 1)
    return outwards(rows[middle::-1])[::-1] + outwards(rows[middle + 1:])


def picture_of_margins(rows, path):
    """Margins over how wrong the stiffness is told, in the middle of the band and outside it."""
    panels = [('gain', 'gain margin', 1, 5), ('phase_deg', 'phase margin, degrees', 0, 120)]
    colors = {35: '#0050c0', 65: '#007a3d', 85: '#c06000', 145: '#b00020'}
    parts, width, height = [], 440, 260
    for p, (key, label, low, high) in enumerate(panels):
        left, top = 60 + p * (width + 60), 40

        def at(told, value, left=left, top=top, low=low, high=high):
            x = left + math.log(told / 0.5) / math.log(8) * width
            return x, top + (high - min(max(value, low), high)) / (high - low) * height

        x0, x1 = at(0.8, low)[0], at(2, low)[0]
        line = at(1, GAIN if key == 'gain' else PHASE_DEG)[1]
        parts.append(f'<rect x="{x0:.1f}" y="{top}" width="{x1 - x0:.1f}" height="{height}" fill="#e6eefb"/>')
        parts.append(f'<path d="M{left} {line:.1f} h{width}" stroke="#000" stroke-dasharray="2 3"/>')
        for cycle_ms, dash in ((2, ''), (10, '7 4')):
            for lag, color in colors.items():
                column = [row for row in rows if row['cycle_ms'] == cycle_ms and row['lag_ms'] == lag]
                for prefix, thick in (('', 2.2), ('outer_', 0.9)) if column else ():
                    mine = stable(column, prefix)
                    path_of = ' '.join('{:.1f},{:.1f}'.format(*at(row['told'], row[prefix + key])) for row in mine)
                    parts.append(f'<polyline points="{path_of}" fill="none" stroke="{color}" stroke-width="{thick}" '
                                 f'stroke-dasharray="{dash}"/>')
        parts.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#444"/>')
        parts.append(f'<text x="{left}" y="{top - 10}" font-weight="bold">{label}</text>')
        for told in (0.5, 0.8, 1, 1.5, 2, 3, 4):
            x = at(told, low)[0]
            parts.append(f'<text x="{x:.1f}" y="{top + height + 18}" text-anchor="middle">{told:g}</text>')
        step = 1 if key == 'gain' else 30
        for value in range(low, high + 1, step):
            parts.append(f'<text x="{left - 8}" y="{at(1, value)[1] + 4:.1f}" text-anchor="end">{value}</text>')
    y = 40 + height + 40
    parts.append(f'<text x="60" y="{y}">stiffness told / true; shaded: what is granted; dotted: what is asked. '
                 'Thick: at 90 N; thin: at 115 N. Dashed: 10 ms cycle</text>')
    for i, (lag, color) in enumerate(colors.items()):
        parts.append(f'<path d="M{60 + i * 150} {y + 24} h40" stroke="{color}" stroke-width="3"/>'
                     f'<text x="{108 + i * 150}" y="{y + 28}">lag sum {lag} ms</text>')
    write(path, 2 * width + 160, y + 46, parts)


def shown(value):
    return '12 and more' if value is None else 'nowhere' if value == 0 else f'{value / 1000:.1f}'


HEAD = """# The belaying law over lags and ropes

Written by `ninja -C build sweep` (`tests/bench/sweep.c`, `tests/scripts/sweep.py`). The real `belay_step()`
against the simulator's winch, rope, load cell and climber, two cycles of bus between them; free-climb's climber
(up to 1 m/s, bursts of 3 m/s2, jerk 30 m/s3), reference 90 N, band 30 to 150 N, cell noise 5 N. Two seeds of 200 s
each a cell. Of the lag sum the cycle takes 2.5, the drive two thirds of the rest and the cell a third. A catch by
mistake ends a flight, as it stops a rig, so beyond that line a cell is judged by the time before it.

![Lag sum by stiffness: where band, ceiling and slack hold, and the law](../images/sweep.svg)

Shades: share of the time in the band. Lines: up to where each holds; a line that is not there was not reached before
a catch. Catches by mistake have two lines: a stiff rope jerks, and on a soft one the noise of the cell is as long as a
fall begins (at a 10 ms cycle below 0.7 to 0.9 kN/m). Green: the law, see [motion.md](../motion.md). Circle: what
free-climb asks.
"""
MARGINS = """
Margins, broken where the drive is told its speed, least of all {cells} cells: gain {gain:.2f} and phase {phase_deg:.1f}
degrees at the reference; at 115 N, under a climber who goes down, {outer_gain:.2f} and {outer_phase_deg:.1f}.
It is the same for every rope, so these depend on how wrong EA / L is told, not on EA / L:

![Margins over how wrong the stiffness is told](../images/sweep-margins.svg)

Slack was {slack_mm:.0f} mm at most in any cell.

## Up to where it holds, kN/m
"""
AGAIN = """## Cells that every check flies again

`property-belay_sweep` flies these and compares each figure: another law asks for another report.

| | cycle, ms | drive, ms | cell, ms | k, N/m | told | s | band, % | least, N | most, N | slack, mm | catches | gain \
margin | phase, deg |
"""


def report(rows, again):
    least = {key: min(row[key] for row in rows) for key in ('gain', 'phase_deg', 'outer_gain', 'outer_phase_deg')}
    text = [HEAD + MARGINS.format(cells=len(rows), slack_mm=1000 * max(row['slack_m'] for row in rows), **least)]
    for told, words in TOLD.items():
        text += [f'### {words[0].upper()}{words[1:]}', '',
                 '| cycle, ms | lag sum, ms | law: observer | law: PI | band 99.5 % | 250 N | slack 0.2 m | margins | '
                 'ropes without a catch by mistake |', '|---' * 9 + '|']
        for cycle_ms in CYCLES_MS:
            for lag, column in columns(rows, cycle_ms, told).items():
                laws = [f'{law(lag / 1000) / 1000:.1f}' for _, law, *_ in LAWS[:2]]
                ends = [shown(edge(column, excess)) for _, excess, *_ in EDGES[:-1]]
                text.append(f'| {cycle_ms} | {lag:.0f} | ' + ' | '.join(laws + ends + [clean(column)]) + ' |')
        text.append('')
    return '\n'.join(text) + '\n' + AGAIN + '|---' * 14 + '|\n' + again.strip() + '\n'


def clean(column):
    """Ropes between which nobody was caught by mistake: soft ones feign speed, stiff ones jerk."""
    good = [row['n_m'] / 1000 for row in column if row['catches'] == 0]
    return f'{good[0]:.1f} to {good[-1]:.1f}' if good else 'nowhere'


def softest(column):
    """Softest rope without a catch by mistake; half-way to the one that had one."""
    good = next((i for i, row in enumerate(column) if row['catches'] == 0), 0)
    return math.sqrt(column[good]['n_m'] * column[max(good - 1, 0)]['n_m'])


def main(program, folder, *saved):
    def run(*arguments):
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout

    docs = pathlib.Path(folder)
    rows, margins = [], []
    for cycle_ms in CYCLES_MS:
        for name, into in (('map', rows), ('margins', margins)):
            said = (pathlib.Path(saved[1]) / f'{name}-{cycle_ms}.csv').read_text() if saved else run(
                f'--{name}', str(cycle_ms))
            into += read(said.splitlines())
    picture_of_the_map(rows, docs / 'images' / 'sweep.svg')
    picture_of_margins(margins, docs / 'images' / 'sweep-margins.svg')
    (docs / 'reports' / 'sweep.md').write_text(report(rows, run('--again')))


if __name__ == '__main__':
    main(*sys.argv[1:])
