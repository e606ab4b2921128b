"""What a catch that slips would gain: `python3 tests/bench/catch_slip.py` flies falls out of 1 m/s down with the drum
ramping to zero, and with a drum that pays out above 1.15 m g. Figures in docs/belaying.md.

The drum after the bus (a cycle and a half) and two lags of 20 ms, the cell with 20 ms, rope damping 8 ms, no noise.
"""

import math

GRAVITY, STEP_S, DAMPING_S, LAG_S = 9.80665, 0.0005, 0.008, 0.02
PAYOUT_M_S, CATCH_M_S2, WEIGHT_N, FADE, REFERENCE_N = 1.3, 8, 250, 0.85, 90


class Setpoint:
    """Follows at 1 m/s until the weight is on the line, then catches."""

    def __init__(self, mass_kg, stiffness_n_m, cycle_s, slips):
        self.m_s, self.cycle_s, self.slips, self.readings = 1.0, cycle_s, slips, 0
        self.weight_n = min(WEIGHT_N, 0.4 * mass_kg * GRAVITY)
        self.from_n = 1.15 * mass_kg * GRAVITY
        lags_s = 2.5 * cycle_s + 3 * LAG_S
        self.gain = min(1.4 / math.sqrt(stiffness_n_m * mass_kg), 0.5 / (stiffness_n_m * lags_s))

    def step(self, tension_n, drum_m_s):
        needed = max(2, round(0.02 / self.cycle_s))
        if self.readings < needed:
            self.readings = self.readings + 1 if tension_n >= self.weight_n else 0
            left = (self.weight_n - tension_n) / (self.weight_n * (1 - FADE))
            self.m_s = min(self.m_s, PAYOUT_M_S * max(0, left))
            return
        most = max(self.m_s, drum_m_s)
        wanted = min(most, max(0, self.gain * (tension_n - self.from_n))) if self.slips else 0
        change = CATCH_M_S2 * self.cycle_s
        self.m_s += max(-change, min(change, wanted - self.m_s))


def fall(mass_kg, stiffness_n_m, cycle_s, slips):
    """Peak in N, and what is paid out after the lowest point, m."""
    setpoint = Setpoint(mass_kg, stiffness_n_m, cycle_s, slips)
    stretch_m, person_m_s, drum_m_s, half_m_s, drum_m = REFERENCE_N / stiffness_n_m, 1.0, 1.0, 1.0, 0.0
    cell_n, peak_n, lowest_drum_m = REFERENCE_N, 0.0, None
    readings = [cell_n] * round(cycle_s / STEP_S)
    sent = [1.0] * round(1.5 * cycle_s / STEP_S)
    for step in range(round(4 / STEP_S)):
        tension_n = max(0, stiffness_n_m * (stretch_m + DAMPING_S * (person_m_s - drum_m_s))) if stretch_m > 0 else 0
        cell_n += (tension_n - cell_n) * STEP_S / LAG_S
        readings.append(cell_n)
        read_n = readings.pop(0)
        if step % round(cycle_s / STEP_S) == 0:
            setpoint.step(read_n, drum_m_s)
        sent.append(setpoint.m_s)
        half_m_s += (sent.pop(0) - half_m_s) * STEP_S / LAG_S
        drum_m_s += (half_m_s - drum_m_s) * STEP_S / LAG_S
        person_m_s += (GRAVITY - tension_n / mass_kg) * STEP_S
        stretch_m += (person_m_s - drum_m_s) * STEP_S
        drum_m += drum_m_s * STEP_S
        peak_n = max(peak_n, tension_n)
        if lowest_drum_m is None and person_m_s < 0:
            lowest_drum_m = drum_m
    return peak_n, drum_m - lowest_drum_m


def main():
    print('kg  kN/m  ms | ramp: kN, mm paid out later | slip: kN, mm | gain %')
    for mass_kg in (30, 60, 80, 100, 150):
        for stiffness_n_m in (500, 1000, 2000, 4000, 8000, 12000):
            for cycle_ms in (2, 10):
                ramp_n, ramp_m = fall(mass_kg, stiffness_n_m, cycle_ms / 1000, False)
                slip_n, slip_m = fall(mass_kg, stiffness_n_m, cycle_ms / 1000, True)
                print(f'{mass_kg:3} {stiffness_n_m / 1000:5} {cycle_ms:3} | {ramp_n / 1000:.2f} {1000 * ramp_m:.0f} | '
                      f'{slip_n / 1000:.2f} {1000 * slip_m:.0f} | {100 * (1 - slip_n / ramp_n):.1f}')


if __name__ == '__main__':
    main()
