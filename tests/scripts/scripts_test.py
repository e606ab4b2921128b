"""./rehearse, ./check and what they share: help, refusals, installing on a pretended machine, and the summing up."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import steady  # noqa: E402
import tap  # noqa: E402


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# ---------------------------------------------------------------------------------------------------------------------
# The scripts' own words


def test_help_of_both():
    for script in ('rehearse', 'check'):
        done = run(ROOT / script, '--help')
        assert done.returncode == 0 and done.stdout.startswith(f'Usage: ./{script}'), done


def test_unknown_option_is_refused():
    for script in ('rehearse', 'check'):
        done = run(ROOT / script, '--nonsense')
        assert done.returncode == 2 and 'Usage' in done.stderr, done


def test_unknown_suite_is_refused():
    done = run(ROOT / 'check', '--suite', 'nonsense')
    assert done.returncode == 2 and 'Usage' in done.stderr, done


def test_unknown_scenario_names_those_there_are():
    done = run(ROOT / 'rehearse', 'no-such-scenario')
    assert done.returncode == 1 and 'free-climb' in done.stderr, done


def test_shellcheck():
    scripts = ['rehearse', 'check', '.ci/run', 'packaging/common.sh']
    done = run('shellcheck', '-x', *scripts, cwd=ROOT)
    assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------------------------------------------------------------
# Packages, on a machine made of small programs

TOOLS = ['awk', 'cat', 'env', 'grep', 'mkdir', 'rm', 'sh', 'tail', 'tee', 'tr']


class Machine:
    """A PATH with a few real tools and pretended dpkg-query, apt-get, apt-cache, id and sudo."""

    def __init__(self, folder, uid=0, sudo=None, apt='works', programs=True):
        self.folder = pathlib.Path(folder)
        self.bin = self.folder / 'bin'
        self.bin.mkdir()
        (self.folder / 'tree/packaging').mkdir(parents=True)
        shutil.copy(ROOT / 'packaging/common.sh', self.folder / 'tree/packaging')
        (self.folder / 'tree/packaging/packages.txt').write_text(
            '# list package program\nbuild alpha alphaprog\nbuild old|new -\ntest omega -\n')
        (self.folder / 'installed').write_text('')
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.program('id', f'echo {uid}')
        self.program('dpkg-query', '''
            shift 3
            for name in "$@"; do grep -qx "$name" "$STATE/installed" && echo "$name installed"; done
            exit 1''')
        self.program('apt-cache', 'test "$2" = old || echo "  Candidate: 1.0"')
        install = {
            'works': 'for name in "$@"; do echo "$name" >>"$STATE/installed"; done',
            'fails': 'echo "E: the disk is full" >&2; exit 100',
            'lies': 'exit 0',
        }[apt]
        self.program('apt-get', f'''
            echo "apt-get $*" >>"$STATE/calls"
            case "$*" in *" -s "* | "install -s"*) test -e "$STATE/updated"; exit $? ;; esac
            while [ $# -gt 0 ]; do
                case $1 in update) touch_it=1 ;; install) ;; -o) shift ;; -*) ;; *) break ;; esac
                shift
            done
            if [ -n "${{touch_it:-}}" ]; then echo >"$STATE/updated"; exit 0; fi
            echo "dlstatus:1:50.0:Downloading"; echo "pmstatus:alpha:50.0:Unpacking"
            {install}''')
        if sudo is not None:
            self.program('sudo', f'[ "$1" = -v ] && exit {sudo}\nexec "$@"')
        if programs:
            self.program('alphaprog', 'exit 0')

    def program(self, name, text):
        path = self.bin / name
        path.write_text('#!/bin/sh\n' + textwrap.dedent(text) + '\n')
        path.chmod(0o755)

    def shell(self, text):
        script = (f'set -eu\nroot={self.folder}/tree\n. "$root/packaging/common.sh"\n'
                  f'PATH={self.bin}\nstep_count=1\n{text}\n')
        return run('/bin/sh', '-c', script, env={**os.environ, 'STATE': str(self.folder)})

    def calls(self):
        path = self.folder / 'calls'
        return path.read_text().splitlines() if path.exists() else []


def on_machine(function, **options):
    with tempfile.TemporaryDirectory() as folder:
        function(Machine(folder, **options))


def test_the_package_list_is_well_formed():
    lines = (ROOT / 'packaging/packages.txt').read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith('#')]
    assert all(len(row) == 3 and row[0] in ('build', 'run', 'test') for row in rows), rows
    names = [name for row in rows for name in row[1].split('|')]
    assert len(names) == len(set(names)), 'a package stands there twice'


def test_installs_what_is_missing_after_one_update():
    def check(machine):
        done = machine.shell('packages_install build test')
        assert done.returncode == 0, done
        assert (machine.folder / 'installed').read_text().split() == ['alpha', 'new', 'omega'], done
        assert sum(' update' in call for call in machine.calls()) == 1, machine.calls()
        assert ' 70 %' in done.stdout, done.stdout
    on_machine(check)


def test_a_second_start_asks_apt_nothing():
    def check(machine):
        (machine.folder / 'installed').write_text('alpha\nold\n')
        done = machine.shell('packages_install build')
        assert done.returncode == 0 and 'all packages are installed' in done.stdout, done
        assert machine.calls() == [], machine.calls()
    on_machine(check)


def test_no_root_and_no_sudo_prints_the_command():
    def check(machine):
        done = machine.shell('packages_install build')
        wanted = 'apt-get update && apt-get install -y --no-install-recommends alpha new'
        assert done.returncode == 1 and wanted in done.stderr and machine.calls() == [], done
    on_machine(check, uid=1000)


def test_no_root_uses_sudo():
    def check(machine):
        done = machine.shell('packages_install build')
        assert done.returncode == 0 and 'alpha' in (machine.folder / 'installed').read_text(), done
    on_machine(check, uid=1000, sudo=0)


def test_sudo_that_refuses_prints_the_command():
    def check(machine):
        done = machine.shell('packages_install build')
        assert done.returncode == 1 and 'apt-get update && apt-get install' in done.stderr, done
    on_machine(check, uid=1000, sudo=1)


def test_failed_install_names_the_packages_and_the_reason():
    def check(machine):
        done = machine.shell('packages_install build')
        assert done.returncode == 1 and 'Missing: alpha old|new' in done.stderr, done
        assert 'the disk is full' in done.stderr, done
    on_machine(check, apt='fails')


def test_install_that_only_claims_success_is_found_out():
    def check(machine):
        done = machine.shell('packages_install build')
        assert done.returncode == 1 and 'these are missing: alpha' in done.stderr, done
    on_machine(check, apt='lies')


def test_package_without_its_program_is_named():
    def check(machine):
        done = machine.shell('packages_install build')
        assert done.returncode == 1 and 'alphaprog is missing; the package alpha' in done.stderr, done
    on_machine(check, programs=False)


def test_system_without_dpkg_names_the_packages():
    def check(machine):
        (machine.bin / 'dpkg-query').unlink()
        done = machine.shell('packages_install build')
        assert done.returncode == 1 and 'alpha' in done.stderr, done
    on_machine(check)


# ---------------------------------------------------------------------------------------------------------------------
# Summing up, on the logs of a real meson


def summary(tests, suites='unit', extra=()):
    """Runs a project of these tests (name -> (suite, protocol, python code)); the summary's exit code and output."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["project('belay')", "python = find_program('/usr/bin/python3')"]
        for name, (suite, protocol, code) in tests.items():
            pathlib.Path(folder, name + '.py').write_text(code)
            lines.append(f"test('{name}', python, args: [files('{name}.py')], suite: '{suite}', "
                         f"protocol: '{protocol}', timeout: 5)")
        pathlib.Path(folder, 'meson.build').write_text('\n'.join(lines) + '\n')
        run('meson', 'setup', 'build', cwd=folder)
        run('meson', 'test', '-C', 'build', cwd=folder)
        done = run('/usr/bin/python3', HERE / 'summary.py', '--suites', suites, *extra, pathlib.Path(folder, 'build'))
        return done.returncode, done.stdout.splitlines()


GOOD = ('unit', 'tap', 'print("1..2\\nok 1 - a\\nok 2 - b")')


def expect(last_line, code, tests, suites='unit', extra=(), says=''):
    returned, lines = summary(tests, suites, extra)
    assert lines[-1] == last_line and returned == code, lines
    assert any(says in line for line in lines), lines


def test_all_passed():
    expect('3 passed, 0 failed, 0 skipped', 0, {'a': GOOD, 'b': ('unit', 'exitcode', '')})


def test_failed_case():
    expect('2 passed, 1 failed, 0 skipped', 1, {'a': GOOD, 'b': ('unit', 'tap', 'print("1..1\\nnot ok 1 - x")')})


def test_crash_after_the_last_case():
    expect('3 passed, 1 failed, 0 skipped', 1,
           {'a': ('unit', 'tap', 'print("1..3\\nok 1\\nok 2\\nok 3")\nraise SystemExit(3)')}, says='outside its cases')


def test_time_out_of_a_plain_test():
    expect('2 passed, 1 failed, 0 skipped', 1, {'a': GOOD, 'b': ('unit', 'exitcode', 'import time\ntime.sleep(30)')},
           says='timeout')


def test_skipped_is_not_passed():
    expect('2 passed, 0 failed, 1 skipped', 1,
           {'a': GOOD, 'b': ('unit', 'tap', 'print("1..1\\nok 1 - x # SKIP tired")')})


def test_program_that_ran_nothing():
    expect('2 passed, 0 failed, 1 skipped', 1, {'a': GOOD, 'b': ('unit', 'tap', 'print("1..0")')})


def test_leak_in_a_passing_test():
    expect('3 passed, 1 failed, 0 skipped', 1,
           {'a': GOOD, 'b': ('unit', 'tap', 'print("1..1\\nok 1 - x\\n# LeakSanitizer: detected memory leaks")')},
           says='Leak')


def test_tried_again_is_told():
    for said in ('# x: again, because this computer stood still for 80 ms', 'follow:client   1  -  again: busy',
                 'This computer itself stood still for a while, longer than a control cycle: once more.'):
        code = f'print("1..1\\n{said}\\nok 1 - x")'
        expect('3 passed, 0 failed, 0 skipped', 0, {'a': GOOD, 'b': ('unit', 'tap', code)},
               says='TRIED AGAIN: build: b: ' + said.removeprefix('# '))


def test_suite_that_passed_nothing():
    expect('2 passed, 1 failed, 0 skipped', 1, {'a': GOOD}, suites='unit bench', says='suite bench: nothing passed')


def test_failed_build_counts():
    expect('2 passed, 1 failed, 0 skipped', 1, {'a': GOOD}, extra=('--failures', '1'))


def test_build_without_logs():
    done = run('/usr/bin/python3', HERE / 'summary.py', '--suites', '', '/nonexistent')
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == '0 passed, 1 failed, 0 skipped', done


# ---------------------------------------------------------------------------------------------------------------------
# Trying again: a pretended witness, and a program that fails as often as it is told

WITNESS = """#!/bin/sh
seen=0
while read -r line; do
    runs=$(cat "$STATE/runs" 2>/dev/null | wc -l)
    pause=0
    if [ -e "$STATE/pauses" ] && [ "$runs" != "$seen" ]; then pause=80000; fi
    seen=$runs
    echo "$pause"
done
"""
PROGRAM = """#!/bin/sh
echo x >>"$STATE/runs"
if [ "$(wc -l <"$STATE/runs")" -gt "$FAILURES" ]; then word= code=0; else word="not " code=1; fi
echo TAP version 13
case "$*" in
    *--filter=s/b*) echo 1..1 ;;
    *) echo 1..2 && echo "ok - s::a  (0.00s)" ;;
esac
echo "${word}ok - s::b  (0.00s)"
exit "$code"
"""


def steady_run(failures, pauses, *how):
    """Exit code, output and number of runs of a program that fails in its first runs."""
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder)
        for name, text in (('witness', WITNESS), ('program', PROGRAM)):
            (state / name).write_text(text)
            (state / name).chmod(0o755)
        if pauses:
            (state / 'pauses').touch()
        done = run('/usr/bin/python3', HERE / 'steady.py', *how, state / 'witness', state / 'program',
                   env={**os.environ, 'STATE': folder, 'FAILURES': str(failures)})
        return done.returncode, done.stdout, len((state / 'runs').read_text().splitlines())


def test_a_failure_without_a_pause_is_a_failure():
    code, said, runs = steady_run(1, False)
    assert code == 1 and 'not ok - s::b' in said and runs == 1, (code, said, runs)


def test_a_failure_in_a_pause_is_tried_again_and_told():
    code, said, runs = steady_run(2, True)
    assert said.startswith('TAP version 13\n'), said
    assert code == 0 and 'not ok' not in said.replace('# not ok', '') and runs == 3, (code, said, runs)
    assert '# s::b: again, because this computer stood still for 80 ms' in said and said.count('\nok - ') == 2, said


def test_a_failure_in_every_pause_is_a_failure():
    code, said, runs = steady_run(99, True)
    assert code == 1 and '\nnot ok - s::b' in said and runs == 1 + steady.TRIES, (code, said, runs)


def test_success_in_a_pause_is_success():
    code, said, runs = steady_run(0, True)
    assert code == 0 and 'again' not in said and runs == 1, (code, said, runs)


def test_a_program_without_cases_is_tried_again_too():
    code, said, runs = steady_run(1, True, '--whole')
    assert code == 0 and runs == 2 and 'program: again' in said, (code, said, runs)
    assert steady_run(1, False, '--whole')[::2] == (1, 1)


def test_a_check_in_python_is_tried_again_too():
    left = [1, 1, 0]  # fails twice

    def check():
        assert not left.pop(0), 'too early'

    witness, said = steady.Witness(None), []
    witness.pause_s = lambda: 0.08
    assert witness.tries('x', tap.Reason(check), said.append) and len(said) == 2 and not left, said
    reason = tap.Reason(lambda: 1 / 0)
    assert not reason() and 'ZeroDivisionError' in reason.text


if __name__ == '__main__':
    tap.run(tap.module_checks(sys.modules[__name__]))
