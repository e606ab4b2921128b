#!/usr/bin/python3
"""What the desktop is told about the console is valid, and names files that exist. Usage: desktop_test.py PACKAGING"""
import os
import shutil
import subprocess
import sys
import xml.dom.minidom

PACKAGING = sys.argv[1]
NAME = os.path.join(PACKAGING, "org.belay.Console")
CHECKS = [
    ("desktop-file-utils", ["desktop-file-validate", "--warn-kde", NAME + ".desktop"]),
    ("appstream", ["appstreamcli", "validate", "--no-net", NAME + ".metainfo.xml"]),
]


def main():
    print(f"1..{len(CHECKS) + 1}")
    failures = 0
    for number, (package, command) in enumerate(CHECKS, 1):
        if shutil.which(command[0]) is None:
            reason = f"{command[0]} is missing: install package {package}"
        else:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            reason = done.stdout if done.returncode != 0 else ""
        failures += bool(reason)
        print(f"{'not ok' if reason else 'ok'} {number} - {command[0]}")
        for line in reason.splitlines():
            print(f"# {line}")
    icon = xml.dom.minidom.parse(NAME + ".svg").documentElement.tagName == "svg"
    print(f"{'ok' if icon else 'not ok'} {len(CHECKS) + 1} - icon")
    sys.exit(1 if failures or not icon else 0)


if __name__ == "__main__":
    main()
