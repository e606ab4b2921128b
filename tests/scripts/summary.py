"""Sums up what meson's logs of several builds say: the last line is `N passed, N failed, N skipped`.

meson's own exit code is not enough: a test program that ran nothing, a whole suite that is gone, and a leak that
Criterion swallows all look well to it, and its JUnit file shows a plain test that timed out as passed. Here each of
them is a failure.
"""

import argparse
import collections
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

FAILED = {'FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'}
OUTPUT_LINES_MAX = 60 # of one failed test
# What was tried more than once, in the words of tests/scripts/steady.py, of `belay rehearse` and of its campaign.
AGAIN = re.compile(r'^(?:# )?(.*: again, because this computer .*|This computer itself stood still .*|'
                   r'\w+:[\w-]+ .*  again(?:: .*)?)$', re.MULTILINE)
SANITIZER = re.compile(r'(LeakSanitizer|AddressSanitizer|ThreadSanitizer)|runtime error:')


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0


def suites_of_tests(build):
    """Name of a test -> its suite, the first that the build files name."""
    tests = json.loads((build / 'meson-info' / 'intro-tests.json').read_text())
    return {test['name']: test['suite'][0].rpartition(':')[2] for test in tests}


def case_result(case):
    if case.find('failure') is not None or case.find('error') is not None:
        return 'failed'
    return 'skipped' if case.find('skipped') is not None else 'passed'


def junit_cases(log):
    """Title -> list of 'passed' / 'failed' / 'skipped', one for each of its cases."""
    cases = collections.defaultdict(list)
    root = xml.etree.ElementTree.parse(log.with_suffix('.junit.xml')).getroot()
    for suite in root.iter('testsuite'):
        # "belay.TITLE" holds the cases of that test; "belay" holds the tests that are one case each.
        _, dot, title = suite.get('name').partition('.')
        for case in suite.iter('testcase'):
            cases[title if dot else case.get('name')].append(case_result(case))
    return cases


def json_results(log):
    """Title -> (result of the whole test, all that it printed)."""
    results = {}
    for line in log.read_text().splitlines():
        test = json.loads(line)
        results[test['name']] = (test['result'], test.get('stdout', '') + test.get('stderr', ''))
    return results


def explain(title, output):
    """What a failed test said: everything but the cases that passed."""
    lines = [line for line in output.splitlines() if not line.startswith('ok ')]
    print(f'--- {title}')
    print('\n'.join(lines[:OUTPUT_LINES_MAX]))


def logs_of(build):
    """One for each run of `meson test`."""
    logs = sorted((build / 'meson-logs').glob('*.json'))
    if not logs:
        raise FileNotFoundError(f'no log in {build / "meson-logs"}')
    return logs


def add_log(build, log, counts, notes, again):
    """Adds one run's tests to the counts of their suites; into `again` what was tried more than once."""
    suites = suites_of_tests(build)
    cases = junit_cases(log)
    for name, (result, output) in json_results(log).items():
        # meson's title of a test is "belay:SUITE / NAME", or only "NAME" when there is but one suite.
        suite = counts[suites[name.rpartition(' / ')[2]]]
        tally = collections.Counter(cases[name])
        if result in FAILED and not tally['failed']:
            # The program as a whole failed: killed, timed out, or ended badly after its last case.
            notes.append(f'{build.name}: {name}: {result.lower()} outside its cases')
            tally['failed'] = 1
            if len(cases[name]) == 1:
                tally['passed'] = 0
        again += [f'{build.name}: {name}: {words}' for words in AGAIN.findall(output)]
        found = SANITIZER.search(output)
        if found and not tally['failed']:
            notes.append(f'{build.name}: {name}: the log holds "{found.group(0)}"')
            tally['failed'] = 1
        if tally['failed']:
            explain(f'{build.name}: {name}', output)
        suite.passed += tally['passed']
        suite.failed += tally['failed']
        suite.skipped += tally['skipped']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--suites', required=True, help='suites that must have passed something')
    parser.add_argument('--failures', type=int, default=0, help='failures found elsewhere: builds')
    parser.add_argument('builds', nargs='*', type=pathlib.Path)
    options = parser.parse_args()
    counts = collections.defaultdict(Counts)
    notes, again = [], []
    extra = options.failures
    for build in options.builds:
        try:
            for log in logs_of(build):
                add_log(build, log, counts, notes, again)
        except (OSError, ValueError, KeyError, xml.etree.ElementTree.ParseError) as error:
            notes.append(f'{build.name}: no usable test log: {error!r}')
            extra += 1
    for suite in options.suites.split():
        if counts[suite].passed == 0:
            notes.append(f'suite {suite}: nothing passed')
            extra += 1
    print(f'{"suite":<10} {"passed":>7} {"failed":>7} {"skipped":>8}')
    for name in sorted(counts):
        print(f'{name:<10} {counts[name].passed:>7} {counts[name].failed:>7} {counts[name].skipped:>8}')
    for words in again:
        print(f'TRIED AGAIN: {words}')
    for note in notes:
        print(f'FAILED: {note}')
    passed = sum(count.passed for count in counts.values())
    failed = sum(count.failed for count in counts.values()) + extra
    skipped = sum(count.skipped for count in counts.values())
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    sys.exit(1 if failed or skipped or not passed else 0)


if __name__ == '__main__':
    main()
