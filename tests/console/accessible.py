"""What a screen reader is told of a program: its tree of nodes on the accessibility bus (AT-SPI), and their actions.

The library that screen readers use asks for each node by itself and waits, half a second and more for the console's two
hundred. Here one message brings what all of them say (org.a11y.atspi.Cache), and a level is asked at once for its
children.
"""
from gi.repository import Gio, GLib

LABEL, TEXT, ENTRY = 29, 61, 79  # AtspiRole
SENSITIVE = 24  # AtspiStateType: bit of the states
WINDOW = 1  # AtspiCoordType
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE, ACTION, COMPONENT, TEXTUAL = (f"org.a11y.atspi.{name}" for name in
                                          ("Accessible", "Action", "Component", "Text"))
PROPERTIES = "org.freedesktop.DBus.Properties"
CALL_MS = 10000
CLICK = "click"


class Node:
    """A place on the bus; the name is what it was when the tree was read."""

    def __init__(self, program, path, name, role):
        self.program, self.path, self.name, self.role = program, path, name, role

    def call(self, interface, method, *arguments, kinds=""):
        return self.program.call(self.path, interface, method, *arguments, kinds=kinds)

    def property(self, interface, name):
        return self.call(PROPERTIES, "Get", interface, name, kinds="ss")[0]

    def words(self):
        """Name and description as they are now."""
        got = self.call(PROPERTIES, "GetAll", ACCESSIBLE, kinds="s")[0]
        return got["Name"], got["Description"]

    def sensitive(self):
        return bool(self.call(ACCESSIBLE, "GetState")[0][0] >> SENSITIVE & 1)

    def area(self):
        """Left, top, width, height in its window."""
        return self.call(COMPONENT, "GetExtents", WINDOW, kinds="u")[0]

    def text(self):
        return self.call(TEXTUAL, "GetText", 0, self.property(TEXTUAL, "CharacterCount"), kinds="ii")[0]

    def actions(self):
        """Names, in the order of their numbers; none where nothing can be done."""
        try:
            return [self.call(ACTION, "GetName", number, kinds="i")[0]
                    for number in range(self.property(ACTION, "NActions"))]
        except GLib.Error:
            return []

    def click(self):
        """Whether it has one, and took it."""
        names = self.actions()
        return CLICK in names and self.call(ACTION, "DoAction", names.index(CLICK), kinds="i")[0]


class Program:
    """A process on the accessibility bus."""

    def __init__(self, bus, name):
        self.bus, self.name = bus, name

    def call(self, path, interface, method, *arguments, kinds=""):
        words = GLib.Variant(f"({kinds})", arguments)
        return self.bus.call_sync(self.name, path, interface, method, words, None, 0, CALL_MS, None).unpack()

    def items(self):
        """Path -> number of children, name, role of each node that somebody asked for, hidden ones too."""
        return {path: (children, name, role) for (_, path), _, _, _, children, _, name, role, _, _
                in self.call("/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")[0]}

    def children(self, paths):
        """Those of each path that are not hidden, in their order. All are asked at once. GTK tells of a node only from
        when somebody asked for it here."""
        found = {}

        def reply(bus, result, path):
            try:
                found[path] = [child for _, child in bus.call_finish(result).unpack()[0]]
            except GLib.Error:  # it vanished
                found[path] = []

        for path in paths:
            self.bus.call(self.name, path, ACCESSIBLE, "GetChildren", None, None, 0, CALL_MS, None, reply, path)
        while len(found) < len(paths):
            GLib.MainContext.default().iteration(True)
        return found

    def tree(self):
        """All nodes from the top down, a node before what is in it: (depth, node)."""
        items, below, level = self.items(), {}, [ROOT]
        while level:
            below.update(self.children([path for path in level if path == ROOT or items.get(path, (1,))[0] > 0]))
            level = [child for path in level for child in below.get(path, [])]
        if not all(child in items for group in below.values() for child in group):
            items = self.items()
        found, stack = [], [(0, ROOT)]
        while stack:
            depth, path = stack.pop()
            if path in items:
                found.append((depth, Node(self, path, *items[path][1:])))
            stack += [(depth + 1, child) for child in reversed(below.get(path, []))]
        return found


def connect():
    """The accessibility bus of this session."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, CALL_MS,
                                None).unpack()[0]
    flags = Gio.DBusConnectionFlags
    return Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)


def program_of(bus, pid):
    """The program with this process id once it shows a window, or None."""
    daemon = Program(bus, "org.freedesktop.DBus")

    def ask(method, *arguments, kinds=""):
        return daemon.call("/org/freedesktop/DBus", "org.freedesktop.DBus", method, *arguments, kinds=kinds)[0]

    for name in ask("ListNames"):
        try:
            if name.startswith(":") and ask("GetConnectionUnixProcessID", name, kinds="s") == pid:
                program = Program(bus, name)
                return program if len(program.items()) > 1 else None
        except GLib.Error:  # it left meanwhile, or has no tree yet
            pass
    return None
