"""Every scenario with a script, judged in virtual time by its own limits; and that a limit which does not hold, a
missing file or a script that says something else than the expectations fails the run.

Arguments: the program `belay`.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCENARIOS = ROOT / 'sim/scenarios'
sys.path.insert(0, str(ROOT / 'tests/scripts'))

import tap  # noqa: E402

BELAY = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / 'build/sim/cli/belay'
FILES = ('README.md', 'rig.yaml', 'show.yaml', 'world.yaml', 'script.yaml', 'expect.yaml')


def rehearse(scenario, *options):
    return subprocess.run([BELAY, 'rehearse', '--virtual', str(scenario), '--seed', '1', *options],
                          capture_output=True, text=True, check=False)


def words(done):
    return f'exit code {done.returncode}\n{done.stdout}{done.stderr}'


def test_every_scenario_holds_its_limits():
    scripts = sorted(SCENARIOS.glob('*/script.yaml'))
    assert scripts
    for script in scripts:
        missing = [name for name in FILES if not (script.parent / name).exists()]
        assert not missing, f'{script.parent} lacks {missing}'
        done = rehearse(script.parent)
        print(f'# {script.parent.name}: ' + re.search('.* of virtual time.*', done.stdout + 'none of virtual time')[0])
        assert done.returncode == 0, words(done)


# ---------------------------------------------------------------------------------------------------------------------
# Copies of free-climb with something changed


class Copy:
    """A scenario in a directory of its own: `change` replaces text in a file, `script` is another course."""

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.place.name) / 'free-climb'
        shutil.copytree(SCENARIOS / 'free-climb', self.path)
        return self

    def __exit__(self, *ignored):
        self.place.cleanup()

    def change(self, name, find, replace):
        path = self.path / name
        text = path.read_text(encoding='utf-8')
        assert text.count(find) == 1, find
        path.write_text(text.replace(find, replace), encoding='utf-8')

    def script(self, steps, limits):
        for name, key, rows in (('script', 'steps', steps), ('expect', 'limits', limits)):
            text = ''.join(f'  - {{{row}}}\n' for row in rows)
            text = f'format: 1\nscenario: free-climb\n{key}:\n{text}'
            (self.path / f'{name}.yaml').write_text(text, encoding='utf-8')


def test_a_limit_that_does_not_hold_fails():
    with Copy() as copy:
        copy.change('expect.yaml', 'fall_distance_m, max: 0.6', 'fall_distance_m, max: -0.6')
        done = rehearse(copy.path)
        assert done.returncode == 1, words(done)
        assert 'A limit was exceeded.' in done.stdout and done.stdout.count('EXCEEDED') == 1, words(done)


def test_a_missing_file_fails_and_is_named():
    for name in ('rig.yaml', 'show.yaml', 'world.yaml', 'script.yaml', 'expect.yaml'):
        with Copy() as copy:
            (copy.path / name).unlink()
            done = rehearse(copy.path)
            assert done.returncode == 1 and name in done.stderr, words(done)


def test_a_window_that_only_one_of_the_two_files_knows_fails():
    with Copy() as copy:
        copy.change('script.yaml', 'at 0.4 m/s.", do: jog, speed_m_s: 0.4, window: lowering',
                    'at 0.4 m/s.", do: jog, speed_m_s: 0.4, window: lowring')
        done = rehearse(copy.path)
        assert done.returncode == 1 and 'no figure of expect.yaml is of the window lowring' in done.stderr, words(done)
    with Copy() as copy:
        copy.change('expect.yaml', '  - {figure: climb_time_s,', '  - {figure: times, window: sprint, judged: false}\n'
                    '  - {figure: climb_time_s,')
        done = rehearse(copy.path)
        assert done.returncode == 1 and 'has the window sprint' in done.stderr, words(done)


def test_the_same_seed_is_the_same_run():
    with Copy() as copy:
        texts = []
        for number in range(2):
            out = copy.path / str(number)
            assert rehearse(copy.path, '--out', str(out)).returncode == 0
            texts.append([(out / name).read_bytes() for name in ('report.json', 'truth.csv')])
        assert texts[0] == texts[1]


def test_it_needs_no_other_program():
    with tempfile.TemporaryDirectory() as place:
        top = pathlib.Path(place)
        (top / 'bin').mkdir()
        shutil.copy(BELAY, top / 'bin/belay')
        shutil.copytree(ROOT / 'controller/drive/profiles', top / 'share/belay/profiles')
        shutil.copytree(SCENARIOS / 'moving-deck', top / 'share/belay/scenarios/moving-deck')
        done = subprocess.run([top / 'bin/belay', 'rehearse', '--virtual', 'moving-deck', '--seed', '1'],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, words(done)


def test_options_of_real_programs_are_refused():
    for option in (['--kill', 'follow:belayd'], ['--campaign', 'kill'], ['--ports', '1502,1503']):
        done = rehearse('free-climb', *option)
        assert done.returncode == 2 and 'virtual time' in done.stderr, words(done)


# ---------------------------------------------------------------------------------------------------------------------
# The campaign "always", sampled


def always(scenario, *options):
    return rehearse(scenario, '--campaign', 'always', *options)


def test_always_a_few_faults_of_free_climb_hold():
    with Copy() as copy:
        for fault in ('E-stop', 'link lost', 'belayd killed', 'device late', 'second brake'):
            done = always(copy.path, '--runs', '2', '--only', fault, '--out', str(copy.path))
            assert done.returncode == 0, words(done)
            report = (copy.path / 'always-free-climb.md').read_text(encoding='utf-8')
            rows = [line for line in report.splitlines() if line.startswith('| ' + fault)]
            assert rows and all(row.split('|')[2:4] == [' 2 ', ' 0 '] for row in rows), report


def test_always_fails_for_a_limit_that_does_not_hold():
    with Copy() as copy:
        copy.change('expect-always.yaml', 'of: tension_n, max: 6000', 'of: tension_n, max: 20')
        done = always(copy.path, '--runs', '1', '--only', 'E-stop')
        assert done.returncode == 1 and '| E-stop pressed | 1 | 1 |' in done.stdout, words(done)


def test_always_needs_its_limits():
    with Copy() as copy:
        (copy.path / 'expect-always.yaml').unlink()
        done = always(copy.path)
        assert done.returncode == 1 and 'expect-always.yaml' in done.stderr, words(done)


# ---------------------------------------------------------------------------------------------------------------------
# What only virtual time can do

BEGIN = ['name: ready, do: wait, until: ready, within_s: 10', 'name: walk, do: walk-through, percent: 10',
         'name: arm, do: arm', 'name: hold, do: hold', 'name: go, do: go, cue: 1',
         'name: taut, do: wait, until: taut, within_s: 5']


def figures(copy):
    out = copy.path / 'out'
    done = rehearse(copy.path, '--out', str(out))
    assert done.returncode == 0, words(done)
    report = json.loads((out / 'report.json').read_text(encoding='utf-8'))
    return {line['figure']: line['value'] for line in report['figures']}


def test_a_repeat_makes_a_span_of_each_pass():
    with Copy() as copy:
        copy.script(BEGIN + ['name: more, do: repeat, times: 5',
                             'name: run, do: run, seconds: 1, during: moving, window: stand', 'name: again, do: again'],
                    ['figure: times, window: stand, min: 5, max: 5, judged: true',
                     'figure: time_s, window: stand, min: 4.9, max: 5, judged: true',
                     'figure: trips, window: stand, max: 0, judged: true',
                     'figure: share, window: stand, of: tension_n, from: 30, to: 150, min: 99.5, judged: true'])
        figures(copy)


def test_a_cut_link_trips_and_is_named_with_its_time():
    with Copy() as copy:
        copy.script(BEGIN + ['name: cut, do: cut-link, link: drive, window: cut',
                             'name: seen, do: wait, until: faulted, within_s: 1, window: cut',
                             'name: stands, do: wait, until: standing, within_s: 3, window: cut',
                             'name: mend, do: restore-link, link: drive'],
                    ['figure: trips, window: cut, fault: drive_stale, min: 1, max: 1, judged: true',
                     'figure: trip_ms, window: cut, fault: drive_stale, max: 100, judged: true',
                     'figure: trip_cycles, window: cut, max: 10, judged: true'])
        values = figures(copy)
        assert values['cut.trip_ms.drive_stale'] == 10 * values['cut.trip_cycles'], values


def test_defect_fault_and_wire_trip_by_their_names():
    for step, fault in (('do: defect, defect: encoder slips, there: true', 'position_mismatch'),
                        ('do: fault, unit: 2, kind: silent', 'tension_stale'),
                        ('do: fault, unit: 4, kind: frozen', 'io_stale'),
                        ('do: switch, switch: end payout, wire: broken', 'switch_implausible')):
        with Copy() as copy:
            copy.script(BEGIN + ['name: up, do: act, act: ascend, speed_m_s: 0.5', f'name: broken, {step}, window: w',
                                 'name: seen, do: wait, until: faulted, within_s: 3, window: w'],
                        [f'figure: trips, window: w, fault: {fault}, judged: false',
                         'figure: trips, window: w, min: 1, max: 1, judged: true'])
            values = figures(copy)
            assert values[f'w.trips.{fault}'] == 1, (step, values)


def test_a_killed_belayd_leaves_a_standing_winch_and_comes_back():
    with Copy() as copy:
        copy.script(BEGIN + ['name: up, do: act, act: ascend, speed_m_s: 0.3', 'name: a while, do: run, seconds: 1',
                             'name: killed, do: kill-belayd, window: killed',
                             'name: holds on, do: act, act: stand, window: killed',
                             'name: stands, do: wait, until: standing, within_s: 3, window: killed',
                             'name: a new one, do: start-belayd, window: rest',
                             'name: rests, do: run, seconds: 5, window: rest'],
                    ['figure: stand_ms, window: killed, max: 600, judged: true',
                     'figure: travel, of: rope_out_mm, window: killed, max: 200, judged: true',
                     'figure: energised_ms, window: rest, max: 0, judged: true'])
        figures(copy)


def test_what_can_not_be_done_is_said():
    for step, words_wanted in (('do: cut-link, link: none', 'the rig has no link none'),
                               ('do: defect, defect: brakes slip, there: true, winch: w', 'the world has no winch w'),
                               ('do: switch, switch: door, wire: broken', 'no limit switch door'),
                               ('do: fault, unit: 9, kind: silent', 'no unit 9'),
                               ('do: standby, cue: 99', 'no cue 99'), ('do: act, act: hang', 'does not hang'),
                               ('do: arm, axis: door', 'no axis and no group door'),
                               ('do: show-mode', 'refused the mode'),
                               ('do: draw', 'no section variation'),
                               ('do: estop, station: door, pressed: true', 'no station door')):
        with Copy() as copy:
            copy.script(['name: ready, do: wait, until: ready, within_s: 10, window: w', f'name: it, {step}'],
                        ['figure: times, window: w, judged: false'])
            done = rehearse(copy.path)
            assert done.returncode == 1 and words_wanted in done.stderr, words(done)


def test_it_is_refused_in_real_time():
    with Copy() as copy:
        copy.script(['name: it, do: draw, window: w'], ['figure: times, window: w, judged: false'])
        done = subprocess.run([BELAY, 'rehearse', '--headless', '--tries', '1', str(copy.path)], capture_output=True,
                              text=True, check=False)
        assert done.returncode in (1, 3) and 'in virtual time only' in done.stderr, words(done)


if __name__ == '__main__':
    tap.run(tap.module_checks(sys.modules[__name__]))
