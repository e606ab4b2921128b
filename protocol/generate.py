"""From schema.json to belay_messages.h and .c (structs, codec tables), belay_requests.h and the page docs/protocol.md.

generate.py SCHEMA OUTDIR          writes all four
generate.py SCHEMA --compare PAGE  compares the page with what the schema says; TAP; for the tests
"""

import difflib
import json
import pathlib
import sys

BANNER = '/* Made by protocol/generate.py from protocol/schema.json; not to be edited. */\n'
FIELD_KEYS = {'name', 'type', 'unit', 'min', 'max', 'max_text', 'of', 'nullable', 'multiline', 'values', 'doc'}
KINDS = {'int': 'CODEC_INT', 'number': 'CODEC_NUMBER', 'bool': 'CODEC_BOOL', 'text': 'CODEC_TEXT', 'enum': 'CODEC_ENUM',
         'object': 'CODEC_OBJECT', 'list': 'CODEC_LIST', 'schema': 'CODEC_SCHEMA'}


def c_name(name):
    """Axis.Jog -> axis_jog."""
    return name.replace('.', '_').lower()


class Schema:
    """The schema, checked, with each method's parameters and result as types."""

    def __init__(self, path):
        self.raw = json.loads(pathlib.Path(path).read_text(encoding='utf-8'))
        self.enums = self.raw['enums']
        self.types = dict(self.raw['types'])
        self.methods = self.raw['methods']
        self.events = self.raw['events']
        for method in self.methods:
            name = c_name(method['name'])
            method['params_type'] = name
            self.types[name] = {'doc': f'Parameters of {method["name"]}.', 'fields': method['params'], 'strict': True}
            if 'result_type' not in method:
                method['result_type'] = name + '_result'
                self.types[method['result_type']] = {'doc': f'Result of {method["name"]}.', 'fields': method['result']}
        self.order = []
        for name in self.types:
            self.place(name, [])
        for name in self.types:
            self.check(name)

    def place(self, name, above):
        """Types in the order of use: what is inside comes first."""
        assert name not in above, f'{name} contains itself'
        if name in self.order:
            return
        for field in self.types[name]['fields']:
            if field['type'] in ('object', 'list') and field['of'] != 'text':
                self.place(field['of'], above + [name])
        self.order.append(name)

    def check(self, name):
        strict = self.types[name].get('strict', False)
        for field in self.types[name]['fields']:
            where = f'{name}.{field["name"]}'
            assert set(field) <= FIELD_KEYS and field['type'] in KINDS and field['doc'], where
            assert field['type'] not in ('text', 'list') or 'max' in field, f'{where}: no max'
            assert field['type'] != 'enum' or field['of'] in self.enums, where
            assert not strict or field['type'] not in ('int', 'number') or {'min', 'max'} <= set(field), \
                f'{where}: a command without a range'
            assert not strict or not field.get('nullable'), f'{where}: a command field may be absent'

    def has_struct(self, name):
        return any(field['type'] != 'schema' for field in self.types[name]['fields'])


# ---------------------------------------------------------------------------------------------------------------------
# C

def member(field):
    """The members of a struct for a field."""
    kind, name = field['type'], field['name']
    text = {
        'int': lambda: f'int64_t {name}',
        'number': lambda: f'double {name}',
        'bool': lambda: f'bool {name}',
        'text': lambda: f'char {name}[{field["max"] + 1}]',
        'enum': lambda: f'enum msg_{field["of"]} {name}',
        'object': lambda: f'struct msg_{field["of"]} {name}',
        'list': lambda: f'int {name}_count;\n    ' + (
            f'char {name}[{field["max"]}][{field["max_text"] + 1}]' if field['of'] == 'text'
            else f'struct msg_{field["of"]} {name}[{field["max"]}]'),
    }[kind]()
    return (f'bool has_{name};\n    ' if field.get('nullable') else '') + text


def c_struct(schema, name):
    lines = [f'/* {schema.types[name]["doc"]} */', f'struct msg_{name} {{']
    for field in schema.types[name]['fields']:
        if field['type'] != 'schema':
            lines.append(f'    {member(field)}; /* {field["doc"]} */')
    return '\n'.join(lines + ['};\n'])


def c_enums(schema):
    parts = []
    for name, enum in schema.enums.items():
        words = ''.join(f', MSG_{name.upper()}_{word.upper()}' for word in enum['values'])
        parts.append(f'/* {enum["doc"]} UNKNOWN is a word that this version does not know. */\n'
                     f'enum msg_{name} {{ MSG_{name.upper()}_UNKNOWN{words} }};\n'
                     f'/* The word, or "unknown". Never NULL. */\n'
                     f'const char *msg_{name}_name(enum msg_{name} word);\n')
    return '\n'.join(parts)


def union(schema, name, doc, rows):
    lines = [f'/* {doc} */', f'union msg_{name} {{', '    char none; /* no members */']
    lines += [f'    struct msg_{kind} {row};' for row, kind in rows if schema.has_struct(kind)]
    return '\n'.join(lines + ['};\n'])


def header(schema):
    methods = '\n'.join(f'    MSG_{c_name(m["name"]).upper()}, /* {m["name"]} */' for m in schema.methods)
    events = '\n'.join(f'    MSG_{c_name(e["name"]).upper()}, /* {e["name"]} */' for e in schema.events)
    parts = [
        BANNER, '#ifndef BELAY_PROTOCOL_BELAY_MESSAGES_H\n#define BELAY_PROTOCOL_BELAY_MESSAGES_H\n',
        '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n',
        f'#define MSG_MAJOR {schema.raw["major"]}\n#define MSG_MINOR {schema.raw["minor"]}\n'
        f'#define MSG_PACKET_BYTES_MAX {schema.raw["packet_bytes_max"]}\n',
        c_enums(schema),
        *[c_struct(schema, name) for name in schema.order if schema.has_struct(name)],
        f'enum msg_method {{\n{methods}\n    MSG_METHOD_COUNT\n}};\n',
        f'enum msg_event {{\n{events}\n    MSG_EVENT_COUNT\n}};\n',
        union(schema, 'params', 'Parameters, by method.',
              [(c_name(m['name']), m['params_type']) for m in schema.methods]),
        union(schema, 'result', 'Results, by method.', [(c_name(m['name']), m['result_type']) for m in schema.methods]),
        union(schema, 'event_params', 'Events.', [(c_name(e['name']), e['type']) for e in schema.events]),
        'struct codec_type;\n',
        'struct msg_method_row {\n    const char *name;\n    bool view; /* allowed on the view socket */\n'
        '    const struct codec_type *params, *result;\n};\n',
        'struct msg_event_row {\n    const char *name;\n    const struct codec_type *params;\n};\n',
        'extern const struct msg_method_row msg_methods[MSG_METHOD_COUNT];\n'
        'extern const struct msg_event_row msg_events[MSG_EVENT_COUNT];\n'
        'extern const char *const msg_error_codes[]; /* all that a reply may carry; NULL-terminated */\n'
        'extern const char msg_schema[]; /* schema.json, without white space */\n',
        '#endif',
    ]
    return '\n'.join(parts) + '\n'


def limits(field):
    """min and max of a table row, as C."""
    if field['type'] in ('int', 'number'):
        low, high = field.get('min', '-HUGE_VAL'), field.get('max', 'HUGE_VAL')
        return ', '.join(f'{bound}.0' if isinstance(bound, int) else str(bound) for bound in (low, high))
    return f'{field.get("min", 0)}.0, {field.get("max", 0)}.0'


def c_row(schema, name, field):
    kind, key, struct = field['type'], field['name'], f'struct msg_{name}'
    row = [f'.name = "{key}"', f'.kind = {KINDS[kind]}']
    low, high = limits(field).split(', ')
    row.append(f'.min = {low}, .max = {high}')
    if kind != 'schema':
        row.append(f'.offset = offsetof({struct}, {key})')
        element = f'{key}[0]' if kind == 'list' else key
        row.append(f'.size = sizeof(({struct} *)0)->{element}')
    if kind == 'enum':
        row.append(f'.words = words_{field["of"]}')
    if kind in ('object', 'list') and field['of'] != 'text':
        row.append(f'.type = &type_{field["of"]}')
    if kind == 'list':
        row.append(f'.count_offset = offsetof({struct}, {key}_count)')
    if field.get('nullable'):
        row.append(f'.nullable = true, .has_offset = offsetof({struct}, has_{key})')
    if field.get('multiline'):
        row.append('.multiline = true')
    return '    {' + ', '.join(row) + '},'


def c_table(schema, name):
    fields = schema.types[name]['fields']
    size = f'sizeof(struct msg_{name})' if schema.has_struct(name) else '0'
    if not fields:
        return f'static const struct codec_type type_{name} = {{0, 0, NULL}};\n'
    rows = '\n'.join(c_row(schema, name, field) for field in fields)
    return (f'static const struct codec_field fields_{name}[] = {{\n{rows}\n}};\n'
            f'static const struct codec_type type_{name} = {{{size}, {len(fields)}, fields_{name}}};\n')


def c_words(name, enum):
    words = ', '.join(f'"{word}"' for word in enum['values'])
    last = len(enum['values'])
    return (f'static const char *const words_{name}[] = {{{words}, NULL}};\n'
            f'const char *msg_{name}_name(enum msg_{name} word) {{\n'
            f'    return word >= 1 && word <= {last} ? words_{name}[word - 1] : "unknown";\n}}\n')


def c_schema_text(schema):
    raw = json.loads(json.dumps(schema.raw))
    for method in raw['methods']:
        method.pop('params_type', None)
        if 'result' in method:
            method.pop('result_type', None)
    text = json.dumps(raw, separators=(',', ':'), ensure_ascii=True)
    pieces = [text[i:i + 100] for i in range(0, len(text), 100)]
    quoted = '\n'.join('    "' + piece.replace('\\', '\\\\').replace('"', '\\"') + '"' for piece in pieces)
    return f'const char msg_schema[] =\n{quoted};\n'


def source(schema):
    methods = '\n'.join(f'    {{"{m["name"]}", {str(m.get("view", False)).lower()}, &type_{m["params_type"]}, '
                        f'&type_{m["result_type"]}}},' for m in schema.methods)
    events = '\n'.join(f'    {{"{e["name"]}", &type_{e["type"]}}},' for e in schema.events)
    codes = '\n'.join(f'    "{code}",' for code in [*schema.raw['errors'], *schema.raw['cycle_errors']['values']])
    parts = [BANNER, '#include "protocol/belay_messages.h"\n', '#include <math.h>\n', '#include "protocol/codec.h"\n',
             *[c_words(name, enum) for name, enum in schema.enums.items()],
             *[c_table(schema, name) for name in schema.order],
             f'const struct msg_method_row msg_methods[MSG_METHOD_COUNT] = {{\n{methods}\n}};\n',
             f'const struct msg_event_row msg_events[MSG_EVENT_COUNT] = {{\n{events}\n}};\n',
             f'const char *const msg_error_codes[] = {{\n{codes}\n    NULL\n}};\n', c_schema_text(schema)]
    return '\n'.join(parts)


def requests(schema):
    parts = [BANNER.rstrip(), '/* One typed sender a method; returns as belay_send(). Included by protocol/belay.h. */',
             '#ifndef BELAY_PROTOCOL_BELAY_REQUESTS_H\n#define BELAY_PROTOCOL_BELAY_REQUESTS_H\n']
    for method in schema.methods:
        name = c_name(method['name'])
        typed = schema.has_struct(method['params_type'])
        parameter = f', const struct msg_{name} *params' if typed else ''
        parts.append(f'/* {method["doc"]} */\n'
                     f'static inline int64_t belay_send_{name}(struct belay_connection *connection{parameter}) {{\n'
                     f'    return belay_send(connection, MSG_{name.upper()}, {"params" if typed else "NULL"});\n}}\n')
    return '\n'.join(parts + ['#endif\n'])


# ---------------------------------------------------------------------------------------------------------------------
# The page

INTRODUCTION = '''# The protocol

This page is made from `protocol/schema.json` by `protocol/generate.py`; change the schema, not the page.

`belayd` listens on two UNIX sockets of type `SOCK_SEQPACKET`: `operate` (mode 0660) takes commands, `view`
(mode 0666) only shows. They stand in `/run/belay`, else in `$XDG_RUNTIME_DIR/belay`; `--socket PATH` or the
environment `BELAY_SOCKET` name another operate socket, whose view socket is the file `view` beside it. The kernel
tells belayd who connects (uid, pid), and the log has it.

One packet is one JSON object in UTF-8, at most {packet} bytes. This is version {major}.{minor}.

```
-> {{"v":1,"id":1,"method":"Meta.Hello","params":{{"major":1,"minor":0,"client":"me"}}}}
<- {{"v":1,"id":1,"result":{{"major":1,...}}}}
-> {{"v":1,"id":2,"method":"Axis.Jog","params":{{"press":1,"axis":"climber","speed_m_s":99}}}}
<- {{"v":1,"id":2,"error":{{"code":"range","field":"params.speed_m_s","message":"99 is not within -50 to 50."}}}}
<- {{"v":1,"event":"State.Telemetry","seq":7,"t_us":81234567,"params":{{...}}}}
```

By hand: `socat -t1 - UNIX-CONNECT:/run/belay/operate,type=5`; in Python
`socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)`; in C `protocol/belay.h`.

## Rules

- Requests are strict. Every field is required, none is unknown, none stands twice, each is inside its range; NaN and
  infinity do not exist. A request that breaks a rule does nothing at all and is answered with a code of the table
  below. `id` is yours, 1 to 2147483647; the answer to a packet whose id could not be read has id 0.
- Results and events may gain fields with a new minor version: ignore those you do not know, read one that may be null
  and is absent as null, and show a word you do not know as it came.
- All commands but `Safety.Stop` need `Meta.Hello` first. `Safety.Stop` is taken from every operate session at any
  time.
- Motion needs a permission: one press of one operator, renewed by `Permission.Hold` every 40 ms while a hand holds,
  dead `permission_ms` after the last `t_us`. A press that died, for whatever reason, stays dead: let go, press again,
  with a greater number.
- belayd waits for nobody. A client that does not read loses telemetry first (`seq` shows a gap) and after two seconds
  its connection; with it goes its press.
- Rope lengths, speeds and forces are SI. Pay-out is positive.
'''


def page_type(field):
    kind = field['type']
    if kind == 'enum':
        return f'one of [{field["of"]}](#words)'
    if kind == 'object':
        text = f'[{field["of"]}](#{field["of"]})'
    elif kind == 'list':
        inner = 'text' if field['of'] == 'text' else f'[{field["of"]}](#{field["of"]})'
        text = f'list of {inner}, at most {field["max"]}'
    elif kind == 'text':
        text = f'text, {field.get("min", 0)} to {field["max"]} bytes'
    elif 'min' in field:
        text = f'{kind}, {field["min"]} to {field["max"]}'
    else:
        text = {'bool': 'true or false'}.get(kind, kind)
    return text + (', or null' if field.get('nullable') else '')


def page_fields(fields):
    lines = ['| field | type | unit | meaning |', '|---|---|---|---|']
    for field in fields:
        doc = field['doc'] + (': ' + ', '.join(f'`{word}`' for word in field['values']) if 'values' in field else '')
        lines.append(f'| `{field["name"]}` | {page_type(field)} | {field.get("unit", "")} | {doc} |')
    return '\n'.join(lines) + '\n'


def page_method(method):
    socket = 'operate and view' if method.get('view') else 'operate'
    parts = [f'### {method["name"]}\n', f'{method["doc"]} Socket: {socket}.\n']
    if method['params']:
        parts += ['Parameters:\n', page_fields(method['params'])]
    if 'result' not in method:
        parts.append(f'Result: [{method["result_type"]}](#{method["result_type"]}).\n')
    elif method['result']:
        parts += ['Result:\n', page_fields(method['result'])]
    return '\n'.join(parts)


def page(schema):
    raw = schema.raw
    parts = [INTRODUCTION.format(packet=raw['packet_bytes_max'], major=raw['major'], minor=raw['minor']),
             '## Methods\n', *[page_method(method) for method in schema.methods], '## Events\n']
    parts += [f'### {event["name"]}\n\n{event["doc"]} Parameters: [{event["type"]}](#{event["type"]}).\n'
              for event in schema.events]
    parts.append('## Types\n')
    parts += [f'### {name}\n\n{kind["doc"]}\n\n{page_fields(kind["fields"])}' for name, kind in raw['types'].items()]
    parts.append('## Words\n')
    parts += [f'- {name}: ' + ', '.join(f'`{word}`' for word in enum['values']) + f'. {enum["doc"]}\n'
              for name, enum in schema.enums.items()]
    parts += ['## Errors\n', '| code | meaning |', '|---|---|']
    parts += [f'| `{code}` | {doc} |' for code, doc in raw['errors'].items()]
    refusals = raw['cycle_errors']
    parts.append(f'\n{refusals["doc"]}: ' + ', '.join(f'`{code}`' for code in refusals['values']) + '.')
    return '\n'.join(parts) + '\n'


def compare(schema, path):
    committed = pathlib.Path(path).read_text(encoding='utf-8') if pathlib.Path(path).exists() else ''
    difference = list(difflib.unified_diff(committed.splitlines(), page(schema).splitlines(), path,
                                           'made from the schema', lineterm=''))
    print('1..1')
    for line in difference:
        print('#', line)
    print('not ok 1' if difference else 'ok 1', '- the page is what the schema says')
    return 1 if difference else 0


def main(arguments):
    if len(arguments) not in (2, 3) or (len(arguments) == 3 and arguments[1] != '--compare'):
        sys.exit(__doc__)
    schema = Schema(arguments[0])
    if arguments[1] == '--compare':
        sys.exit(compare(schema, arguments[2]))
    outputs = {'belay_messages.h': header, 'belay_messages.c': source, 'belay_requests.h': requests,
               'protocol.md': page}
    for name, make in outputs.items():
        (pathlib.Path(arguments[1]) / name).write_text(make(schema), encoding='utf-8')


if __name__ == '__main__':
    main(sys.argv[1:])
