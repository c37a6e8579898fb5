#!/usr/bin/env python3
"""Packs Python modules into C: pack.py OUT.h PLUGIN VERSION MODULE.py…

The plugin's tables must be constant and there before any Python runs, so the strategies
are asked for them here, once; the modules' source goes into the plugin as bytes.
"""
import importlib
import importlib.util
import pathlib
import sys

sys.dont_write_bytecode = True
kit = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(kit))
import stratagem  # noqa: E402


def text(value):
    data = str(value).encode()
    if not data:
        return "{NULL, 0}"
    return '{"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in data) + f'", {len(data)}}}'


def real(value):
    value = float(value)
    return "INFINITY" if value == float("inf") else "-INFINITY" if value == float("-inf") else value.hex()


def fallback(param):
    kind, i, f, s = 0, 0, 0.0, ""
    if param.default is not None:
        if param.kind == "int":
            kind, i = 1, param.default
        elif param.kind == "float":
            kind, f = 2, param.default
        elif param.kind == "bool":
            kind, i = 3, int(param.default)
        else:
            kind, s = 4, param.default
    return f"{{{kind}, 0, INT64_C({i}), {real(f)}, {text(s)}}}"


class ByFile:
    """Finds the plugin's modules by their files. Python's own way would take sampler.so, which an
    earlier build left beside sampler.py, for an extension module of that name."""

    def __init__(self, files):
        self.files = {file.stem: file for file in map(pathlib.Path, files)}

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, self.files[name]) if name in self.files else None


def strategies(names):
    for name in names:
        module = importlib.import_module(name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, stratagem.Strategy) and value.__module__ == name and value.id:
                yield name, value


def check(cls):
    for field in ("id", "name", "version", "summary"):
        if not isinstance(getattr(cls, field), str) or not getattr(cls, field):
            sys.exit(f"{cls.__name__}.{field} is missing: give the class a text")
    if not hasattr(cls, "next") and not (hasattr(cls, "search") and hasattr(cls, "answer")):
        sys.exit(f"{cls.__name__} needs a method next, or the two methods search and answer")
    if hasattr(cls, "search") and hasattr(cls, "save"):
        sys.exit(f"{cls.__name__} has save and search, and a generator cannot be saved: write it with next")
    if hasattr(cls, "save") != hasattr(cls, "restore"):
        sys.exit(f"{cls.__name__} needs both of save and restore, or none")


def main(out, plugin, version, *files):
    sys.path.insert(0, str(pathlib.Path(files[0]).resolve().parent))
    sys.meta_path.insert(0, ByFile(files))
    names = [pathlib.Path(file).stem for file in files]
    found = list(strategies(names))
    if not found:
        sys.exit(f"no strategy in {', '.join(files)}: derive a class from stratagem.Strategy and give it an id")
    lines = ["/* Made by kit/pack.py: do not edit. */"]
    for place, path in enumerate([kit / "stratagem.py", *map(pathlib.Path, files)]):
        data = path.read_bytes()
        lines.append(f"static const char source_{place}[] = {{" + ",".join(str(b if b < 128 else b - 256) for b in data) + ",0};")
    lines.append("static const char *const module_names[] = {" + ", ".join(f'"{name}"' for name in ["stratagem", *names]) + "};")
    lines.append("static const char *const module_sources[] = {" + ", ".join(f"source_{i}" for i in range(len(names) + 1)) + "};")
    lines.append(f"#define MODULE_COUNT {len(names) + 1}")
    lines.append("static const char *const classes[][2] = {" + ", ".join(f'{{"{m}", "{c.__name__}"}}' for m, c in found) + "};")
    lines.append(f"#define STRATEGY_COUNT {len(found)}")
    for index, (_, cls) in enumerate(found):
        check(cls)
        for place, param in enumerate(cls.params):
            if param.choices:
                lines.append(f"static const stg_str choices_{index}_{place}[] = {{" + ", ".join(map(text, param.choices)) + "};")
        rows = [
            f"{{sizeof(stg_param), {param.KINDS[param.kind]}, {text(param.id)}, {text(param.help)}, {fallback(param)}, {text(param.derived)}, "
            f"{real(param.min)}, {real(param.max)}, " + (f"choices_{index}_{place}, {len(param.choices)}" if param.choices else "NULL, 0") + f", {int(param.required)}, 0}}"
            for place, param in enumerate(cls.params)]
        lines.append(f"static const stg_param params_{index}[] = {{" + ", ".join(rows or ["{0}"]) + "};")
        roles = [f"{{sizeof(stg_role), {role.flags}, " + ", ".join(map(text, (role.name, role.named_by, *role.unless, role.help))) + "}"
                 for role in cls.roles]
        if roles:
            lines.append(f"static const stg_role roles_{index}[] = {{" + ", ".join(roles) + "};")
        saves = "save, restore" if hasattr(cls, "save") else "NULL, NULL"
        lines.append(f"static const stg_strategy strategy_{index} = {{sizeof(stg_strategy), {int(cls.takes_batch)}, {text(cls.id)}, {text(cls.name)}, "
                     f"{text(cls.version)}, {text(cls.summary)}, {'params_' + str(index) if rows else 'NULL'}, {len(rows)}, create, next, {saves}, destroy, "
                     f"{'roles_' + str(index) if roles else 'NULL'}, {len(roles)}}};")
    lines.append("static const stg_strategy *const strategies[] = {" + ", ".join(f"&strategy_{i}" for i in range(len(found))) + "};")
    lines.append(f"#define PLUGIN_NAME {text(plugin)}\n#define PLUGIN_VERSION {text(version)}")
    lines.append(f"#define BUILT_WITH {sys.version_info[1]} /* Python 3.… */")
    pathlib.Path(out).write_text("\n".join(lines) + "\n")


main(*sys.argv[1:])
