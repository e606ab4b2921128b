"""What `meson install` puts on a machine: all of it, in its place, and accepted by the tools that will read it.

usage: install_test.py BUILD_DIRECTORY
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import tap  # noqa: E402

INSTALLED = [
    'bin/belayd', 'bin/belay', 'bin/belay-sim', 'bin/belay-console',
    'share/belay/profiles/sim-drive.yaml', 'share/belay/scenarios/free-climb/rig.yaml',
    'share/applications/org.belay.Console.desktop', 'share/metainfo/org.belay.Console.metainfo.xml',
    'share/icons/hicolor/scalable/apps/org.belay.Console.svg',
    'share/doc/belay/README.md', 'share/doc/belay/docs/first-run.md',
    'lib/systemd/system/belayd.service', 'lib/sysusers.d/belay.conf', 'lib/tmpfiles.d/belay.conf',
]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Checks:
    def __init__(self, build, folder):
        self.build = build
        self.root = pathlib.Path(folder)
        self.prefix = self.root / 'usr/local'

    def installs(self):
        done = run('meson', 'install', '-C', self.build, '--no-rebuild', '--destdir', self.root)
        assert done.returncode == 0, done.stdout + done.stderr
        missing = [path for path in INSTALLED if not (self.prefix / path).is_file()]
        assert not missing, f'not installed: {missing}'

    def programs_start(self):
        for program in ('belayd', 'belay', 'belay-sim', 'belay-console'):
            done = run(self.prefix / 'bin' / program, '--help')
            assert done.returncode == 0 and done.stdout, (program, done)

    def nothing_of_the_build_tree(self):
        """Installed texts must not point into the tree that they were built in."""
        for path in self.prefix.rglob('*'):
            if path.is_file() and path.suffix in ('.service', '.conf', '.desktop', '.xml', '.yaml'):
                assert str(self.build) not in path.read_text(encoding='utf-8'), path

    def unit_is_accepted(self):
        text = (self.prefix / 'lib/systemd/system/belayd.service').read_text(encoding='utf-8')
        assert '@' not in re.sub(r'@(system-service|privileged|resources)', '', text), 'a name was not filled in'
        unit = self.root / 'belayd.service'
        unit.write_text(text.replace('/usr/local/bin/belayd', str(self.prefix / 'bin/belayd')), encoding='utf-8')
        done = run('systemd-analyze', 'verify', '--man=no', unit)
        words = [line for line in (done.stdout + done.stderr).splitlines() if 'belayd.service' in line]
        assert done.returncode == 0 and not words, done

    def unit_gives_little_away(self):
        unit = self.prefix / 'lib/systemd/system/belayd.service'
        done = run('systemd-analyze', 'security', '--offline=yes', '--threshold=25', unit)
        assert done.returncode == 0, done.stdout[-300:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks(pathlib.Path(sys.argv[1]), folder)
        tap.run([
            ('everything is installed in its place', checks.installs),
            ('the installed programs start', checks.programs_start),
            ('nothing points into the build tree', checks.nothing_of_the_build_tree),
            ('systemd accepts the unit', checks.unit_is_accepted),
            ('the unit gives little away', checks.unit_gives_little_away),
        ])


if __name__ == '__main__':
    main()
