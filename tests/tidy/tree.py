"""The source tree as the tidy rules see it: which files there are, their text, and C without comments and strings."""

import functools
import pathlib
import re

SKIPPED = {'.git', '__pycache__', 'node_modules'}
BYTES = {'.png', '.mo', '.gz', '.xz'}


COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


class Tree:
    """Paths are texts relative to the root, with slashes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(self._walk(self.root))

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.name in SKIPPED or (folder == self.root and entry.name.startswith('build')):
                continue
            if entry.is_symlink():
                continue
            if entry.is_dir():
                yield from self._walk(entry)
            else:
                yield entry.relative_to(self.root).as_posix()

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        """Content of a text file; '' for pictures and other bytes."""
        if pathlib.PurePosixPath(path).suffix in BYTES:
            return ''
        return (self.root / path).read_text(encoding='utf-8')

    def lines(self, path):
        return self.text(path).splitlines()

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        """C text with comments and the inside of strings blanked; lines and columns stay where they are."""
        return COMMENT_OR_STRING.sub(blank, self.text(path))

    def code_lines(self, path):
        return self.code(path).splitlines()

    def ending(self, *endings):
        return [path for path in self.files if path.endswith(endings)]

    def c_files(self):
        return self.ending('.c', '.h')


def blank(match):
    text = match.group(0)
    inside = re.sub(r'[^\n]', ' ', text)
    return '"' + inside[1:-1] + '"' if text[0] == '"' else inside


def within(path, places):
    """True when `path` is one of `places` or lies in one: 'sim/device', 'controller/main.c', 'controller/cycle*'."""
    for place in places:
        if place.endswith('*') and path.startswith(place[:-1]):
            return True
        if path == place or path.startswith(place.rstrip('/') + '/'):
            return True
    return False
