"""The kernel's cost by axes: times from the program itself, instructions from callgrind (Debian package valgrind).

`kernel.py KERNEL-BENCH`. Instructions are those of kernel_cycle() and all it calls, from the second cycle of a flight
on; the difference of a short and a long flight leaves out what comes before.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

AXES = [1, 4, 16, 64]
PLANS = ['plain', 'search']
STEPS = (300, 1500)


def collected(program, steps, axes, plan, folder):
    done = subprocess.run(['valgrind', '--tool=callgrind', '--toggle-collect=kernel_cycle',
                           f'--callgrind-out-file={folder}/out', program, '--steps', str(steps), '--axes', str(axes),
                           plan], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.search(r'Collected : (\d+)', done.stderr).group(1))


def instructions(program, axes, plan, folder):
    short, long = (collected(program, steps, axes, plan, folder) for steps in STEPS)
    return (long - short) / (STEPS[1] - STEPS[0])


def main(program):
    subprocess.run([program], check=True)
    if not shutil.which('valgrind'):
        print('valgrind is not installed: no instructions counted')
        return
    with tempfile.TemporaryDirectory() as place:
        for plan in PLANS:
            for axes in AXES:
                whole = instructions(program, axes, plan, pathlib.Path(place))
                print(f'{plan:6} axes {axes:2}  instructions a cycle {whole:.0f}, an axis {whole / axes:.0f}',
                      flush=True)


if __name__ == '__main__':
    main(sys.argv[1])
