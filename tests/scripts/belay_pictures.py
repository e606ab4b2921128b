"""The pictures of the belay regulator in docs/motion.md: `belay_pictures.py build/tests/bench/belay-sweep docs/images`.

The curves are those of the real law, pulsed and transformed by tests/belay_loop.c: a 10 ms cycle, 40 ms of drive, 20 ms
of cell (a lag sum of 85 ms), the stiffness told 0.8, 1 and 2 times the true one.
"""

import csv
import math
import pathlib
import subprocess
import sys

from sweep import write

TOLD = {0.8: ('#0050c0', ''), 1.0: ('#111', ''), 2.0: ('#b00020', '')}


def curves(program):
    found = {}
    for told in TOLD:
        said = subprocess.run([program, '--curve', str(told)], check=True, capture_output=True, text=True).stdout
        found[told] = [(float(row['rad_s']), complex(float(row['re']), float(row['im'])))
                       for row in csv.DictReader(said.splitlines())]
    return found


def crossings(points):
    """Where the curve meets the unit circle, and the negative real axis outside the origin: rad/s and place."""
    circle, axis = [], []
    for (w0, z0), (w1, z1) in zip(points, points[1:]):
        if (abs(z0) - 1) * (abs(z1) - 1) < 0:
            share = (abs(z0) - 1) / (abs(z0) - abs(z1))
            circle.append((w0 + share * (w1 - w0), z0 + share * (z1 - z0)))
        if z0.imag * z1.imag < 0 and z0.imag != z1.imag:
            share = z0.imag / (z0.imag - z1.imag)
            place = z0 + share * (z1 - z0)
            if place.real < 0:
                axis.append((w0 + share * (w1 - w0), place))
    return circle, axis


def least(points):
    """The crossing with the least phase margin, and that with the least gain margin."""
    circle, axis = crossings(points)
    phase = min(circle, key=lambda at: abs(math.atan2((-at[1]).imag, (-at[1]).real)), default=None)
    gain = min((at for at in axis if at[1].real > -1), key=lambda at: at[1].real, default=None)
    return phase, gain


def degrees_of(z):
    """Phase margin at a place on the unit circle."""
    return abs(math.degrees(math.atan2((-z).imag, (-z).real)))


def line(points, color, width=2, dash=''):
    path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def legend(found, left, top):
    parts = []
    for i, (told, points) in enumerate(found.items()):
        phase, gain = least(points)
        parts.append(f'<path d="M{left} {top + 22 * i} h36" stroke="{TOLD[told][0]}" stroke-width="3"/>')
        parts.append(f'<text x="{left + 44}" y="{top + 4 + 22 * i}">told {told:g} times: gain margin '
                     f'{-1 / gain[1].real:.2f} at {gain[0]:.1f} rad/s, phase margin {degrees_of(phase[1]):.0f}° at '
                     f'{phase[0]:.1f} rad/s</text>')
    return parts


def bode(found, path):
    left, width, panels = 70, 680, [(30, 220, -40, 30, 10), (290, 220, -360, 0, 60)]
    low, high = 0.5, 200

    def x(rad_s):
        return left + math.log(rad_s / low) / math.log(high / low) * width

    parts = []
    for (top, height, y0, y1, step), name in zip(panels, ('gain, dB', 'phase, degrees')):
        def y(value, top=top, height=height, y0=y0, y1=y1):
            return top + (y1 - min(max(value, y0), y1)) / (y1 - y0) * height

        for value in range(y0, y1 + 1, step):
            strong = value in (0, -180) and (name[0] == 'g') == (value == 0)
            parts.append(f'<path d="M{left} {y(value):.1f} h{width}" stroke="{"#111" if strong else "#ddd"}"/>')
            parts.append(f'<text x="{left - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value}</text>')
        for rad_s in (1, 2, 5, 10, 20, 50, 100):
            parts.append(f'<path d="M{x(rad_s):.1f} {top} v{height}" stroke="#ddd"/>')
            parts.append(f'<text x="{x(rad_s):.1f}" y="{top + height + 16}" text-anchor="middle">{rad_s}</text>')
        for told, points in found.items():
            color, _ = TOLD[told]
            turned, before, drawn = 0, None, []
            for rad_s, z in points:
                angle = math.degrees(math.atan2(z.imag, z.real))
                if before is not None:
                    turned += 360 if angle - before < -180 else -360 if angle - before > 180 else 0
                before = angle
                value = 20 * math.log10(abs(z)) if name[0] == 'g' else angle + turned
                if low <= rad_s <= high and y0 <= value <= y1:
                    drawn.append((x(rad_s), y(value)))
            parts.append(line(drawn, color))
            phase, gain = least(points)
            if name[0] == 'g':
                rad_s, value, edge = gain[0], 20 * math.log10(abs(gain[1])), 0
            else:
                rad_s, value, edge = phase[0], -180 + degrees_of(phase[1]), -180
            parts.append(line([(x(rad_s), y(value)), (x(rad_s), y(edge))], color, 2, '3 2'))
            parts.append(f'<circle cx="{x(rad_s):.1f}" cy="{y(value):.1f}" r="4" fill="{color}"/>')
        parts.append(f'<text x="{left}" y="{top - 8}" font-weight="bold">{name}</text>')
    parts.append(f'<text x="{left + width / 2}" y="{545}" text-anchor="middle">rad/s; dots: where each margin is read '
                 'off, dashed: the margin</text>')
    write(path, left + width + 20, 640, parts + legend(found, left, 572))


def nyquist(found, path):
    size, left, top, low, high = 460, 60, 20, -2.2, 2.2

    def at(z):
        return (left + (z.real - low) / (high - low) * size, top + (high - z.imag) / (high - low) * size)

    zero = at(0j)
    unit = size / (high - low)
    parts = ['<clipPath id="box"><rect x="60" y="20" width="460" height="460"/></clipPath>',
             f'<circle cx="{zero[0]}" cy="{zero[1]}" r="{unit:.1f}" stroke="#888" stroke-dasharray="4 3"/>',
             f'<path d="M{left} {zero[1]} h{size} M{zero[0]} {top} v{size}" stroke="#bbb"/>']
    (x0, y0), (x1, y1) = (at(complex(math.cos(a), math.sin(a))) for a in (math.pi * 2 / 3, math.pi * 4 / 3))
    parts.append(f'<path d="M{x0:.1f} {y0:.1f} A{unit:.1f} {unit:.1f} 0 0 0 {x1:.1f} {y1:.1f} M{zero[0] - unit:.1f} '
                 f'{zero[1]} h{unit / 2:.1f}" stroke="#f0b8b8" stroke-width="7"/>')
    for told, points in found.items():
        color, _ = TOLD[told]
        parts.append('<g clip-path="url(#box)">' + line([at(z) for _, z in points], color) + '</g>')
        phase, gain = least(points)
        for place in (phase[1], gain[1]):
            x, y = at(place)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{color}"/>')
    x, y = at(-1 + 0j)
    parts.append(f'<path d="M{x - 6:.1f} {y - 6:.1f} l12 12 M{x - 6:.1f} {y + 6:.1f} l12 -12" stroke="#111" '
                 'stroke-width="2.5"/>')
    for value in (-2, -1, 1, 2):
        (x, _), (_, y) = at(complex(value)), at(complex(0, value))
        parts.append(f'<text x="{x:.1f}" y="{zero[1] + 17:.1f}" text-anchor="middle">{value}</text>')
        parts.append(f'<text x="{zero[0] - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    parts.append(f'<rect x="{left}" y="{top}" width="{size}" height="{size}" stroke="#444"/>')
    parts.append(f'<text x="{left}" y="{top + size + 22}">real and imaginary part of the open loop; cross: -1; red: '
                 'gain margin below 2,</text>')
    parts.append(f'<text x="{left}" y="{top + size + 40}">phase margin below 60°; dots: the margins</text>')
    write(path, 640, top + size + 120, parts + legend(found, left, top + size + 64))


def box(x, y, width, *lines):
    parts = [f'<rect x="{x}" y="{y}" width="{width}" height="50" fill="#eef3fb" stroke="#334" rx="4"/>']
    for i, text in enumerate(lines):
        dy = 30 if len(lines) == 1 else 21 + 18 * i
        parts.append(f'<text x="{x + width / 2}" y="{y + dy}" text-anchor="middle" font-size="12">{text}</text>')
    return parts


def arrow(path, text='', x=0, y=0, anchor='middle'):
    return [f'<path d="{path}" stroke="#334" stroke-width="1.6" marker-end="url(#tip)"/>',
            f'<text x="{x}" y="{y}" font-size="12" text-anchor="{anchor}">{text}</text>']


def blocks(path):
    parts = ['<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
             '<path d="M0 0 L8 4 L0 8 Z" fill="#334"/></marker>',
             '<rect x="44" y="36" width="872" height="226" stroke="#89a" stroke-dasharray="5 4"/>',
             '<text x="44" y="28" font-weight="bold">controller/motion/belay.c, once a cycle</text>',
             '<rect x="44" y="330" width="872" height="80" stroke="#89a" stroke-dasharray="5 4"/>',
             '<text x="44" y="428" font-weight="bold">bus, drive, drum, rope and load cell</text>']
    parts += box(70, 60, 130, 'far end seen', 'F p + T / k̂')
    parts += box(240, 60, 130, 'observer', 'three real poles')
    parts += box(415, 60, 130, 'prediction', 'place h, speed more')
    parts += box(590, 60, 120, 'law', 'f v̂ + g e + haul')
    parts += box(755, 60, 136, 'phases, limits', 'slack, restart, fade')
    parts += box(590, 186, 120, 'drum now', 'p + model')
    parts += box(415, 186, 130, 'drive model', 'two cycles of it')
    parts += box(240, 186, 130, 'fall watch', 'observer of its own')
    parts += box(755, 186, 136, 'reference', 'T ref / k̂')
    parts += box(755, 345, 136, 'bus', '2 cycles, held one')
    parts += box(570, 345, 140, 'drive', '1/(t2 s+1) 1/(t1 s+1)')
    parts += box(425, 345, 100, 'drum', '1 / s')
    parts += box(250, 345, 130, 'rope', 'T = k (x − p)')
    parts += box(70, 345, 135, 'load cell', 'F = 1 / (tf s + 1)')
    parts += arrow('M200 85 H240') + arrow('M370 85 H415', 'x̂ v̂ â', 392, 78) + arrow('M545 85 H590')
    parts += arrow('M710 85 H755', 'u', 732, 78)
    parts += arrow('M891 85 H904 V370 H891', 'setpoint', 898, 300, 'end')
    parts += arrow('M904 150 H480 V186', 'setpoint of the last cycle', 487, 145, 'start')
    parts += arrow('M545 211 H590') + arrow('M650 186 V110', 'drum now', 644, 176, 'end')
    parts += arrow('M755 211 H735 V130 H690 V110')
    parts += arrow('M135 110 V211 H240', 'F p, T', 142, 204, 'start')
    parts += arrow('M305 236 V285 H823 V262', 'caught: the latch stops it for good', 315, 280, 'start')
    parts += arrow('M755 370 H710') + arrow('M570 370 H525') + arrow('M425 370 H380', 'p', 402, 363)
    parts += arrow('M250 370 H205', 'T', 227, 363)
    parts += arrow('M315 424 V395', 'x: the person', 325, 424, 'start')
    parts += arrow('M70 370 H24 V85 H70', 'T', 30, 320, 'start')
    parts += arrow('M475 345 V312 H100 V110', 'p', 106, 306, 'start')
    parts += arrow('M475 312 H650 V236', 'p', 656, 256, 'start')
    write(path, 940, 440, parts)


def main(program, folder):
    images, found = pathlib.Path(folder), curves(program)
    blocks(images / 'belay-blocks.svg')
    bode(found, images / 'belay-bode.svg')
    nyquist(found, images / 'belay-nyquist.svg')


if __name__ == '__main__':
    main(*sys.argv[1:])
