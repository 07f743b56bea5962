"""Is a settings file as it must be, and what does it say? Validation and text, both from the dataclasses.

A field is declared once, in `core/settings.py` and the like, with its type, default, meaning and bounds; pydantic
models are built from that, and every mistake is told at once: where, what was found, what is allowed.
"""

import dataclasses
import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

import pydantic
from pydantic_core import ErrorDetails, PydanticCustomError

from pi_companion import reading
from pi_companion.core.declared import Field
from pi_companion.errors import InputError

Settings = TypeVar("Settings")
Check = Callable[[Any], Iterable[str]]  # Any: each judges its own dataclass
"""Judges a whole group whose fields are each right; yields what does not fit together."""

_MOST_LISTED: Final = 12
_MOST_TOLD: Final = 90
_UNITS: Final = {
    "_ms": "milliseconds",
    "_hz": "hertz",
    "_mm": "millimetres",
    "_dbfs": "dB below full scale",
    "_per_min": "characters a minute",
    "_pm": "per mille",
    "_pct": "per cent",
}


def read_toml(path: Path, error: type[InputError]) -> dict[str, object]:
    """Return what a TOML file says; raise `error` naming line and column of what is not TOML."""
    try:
        return reading.toml(reading.text(path, reading.MOST_SETTINGS_BYTES))
    except reading.Unreadable as why:
        raise error(path, [str(why)]) from None


def build(
    kind: type[Settings], raw: Mapping[str, object], *, checks: Mapping[type, Check] | None = None, table: str = ""
) -> tuple[Settings | None, tuple[str, ...]]:
    """Return the settings that `raw` (as parsed from TOML) stands for, or None and every complaint about it.

    `checks`: by dataclass, what must hold between fields. `table`: where `raw` stands in its file. Complaints
    begin with the place as it is written in the file; list items are counted from one.
    """
    try:
        return _adapter(cast("Any", kind), tuple((checks or {}).items())).validate_python(dict(raw)), ()
    except pydantic.ValidationError as mistakes:
        found = mistakes.errors(include_url=False)
    told = [line for mistake in found[:_MOST_TOLD] for line in _complaints(kind, raw, table, mistake)]
    more = len(found) - _MOST_TOLD
    return None, (*told, f"and {more} more mistakes; mend these first") if more > 0 else tuple(told)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return '; did you mean …?' for the nearest known word, or all of them if none is near and they are few."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.55)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known here: {', '.join(choices)}" if len(choices) <= _MOST_LISTED else ""


def document(settings: object, *, table: str = "", only: Mapping[str, object] | None = None) -> str:
    """Return the settings as TOML that reads back to the same, each with its meaning, unit and range.

    `only`: the names of those wanted, each with the same for what is in it; None: all.
    """
    scalars, groups = [], []
    for field, hint, declared in _fields(type(settings)):
        if only is not None and field.name not in only:
            continue
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            path = f"{table}.{field.name}" if table else field.name
            below = cast("Mapping[str, object] | None", only[field.name] if only else None)
            about = (type(value).__doc__ or "").split("\n")[0]
            groups.append(f"# {about}\n[{path}]\n{document(value, table=path, only=below)}")
        else:
            note = f"{declared.meaning if declared else field.name} ({allowed(field.name, hint, declared)})"
            scalars.append(f"# {note}\n{field.name} = {as_toml(value, field.name)}\n")
    return "\n".join(["".join(scalars), *groups]) if scalars else "\n".join(groups)


def values(settings: object) -> dict[str, object]:
    """Return a dataclass's settings by name, groups in it left as they are."""
    return {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}  # type: ignore[arg-type]  # dataclasses only


def as_toml(value: object, name: str = "") -> str:
    """Return one value as TOML; an integer called an address in hexadecimal."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"0x{value:02X}" if name.endswith("address") else str(value)
        case str():
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(as_toml(item, name) for item in value)}]"
        case Mapping():
            return "a table"
        case _:
            return str(value)


def allowed(name: str, hint: object, declared: Field | None) -> str:
    """Return what a setting may be, in words."""
    if hint is bool:
        return "true or false"
    if hint is int:
        unit = next((text for suffix, text in _UNITS.items() if name.endswith(suffix)), "a whole number")
        if declared is None or declared.low is None:
            return unit
        return f"{unit}, {as_toml(declared.low, name)} to {as_toml(declared.high, name)}"
    if get_origin(hint) is tuple:
        return f"a list, each {allowed(name, get_args(hint)[0], declared)}"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "one of " + ", ".join(as_toml(choice) for choice in hint)
    return "a text in quotes" if hint is str else "a table"


def _fields(kind: type) -> list[tuple[dataclasses.Field[object], object, Field | None]]:
    hints = get_type_hints(kind, include_extras=True)
    listed = []
    for field in dataclasses.fields(kind):
        hint, *extras = (
            get_args(hints[field.name]) if get_origin(hints[field.name]) is Annotated else [hints[field.name]]
        )
        listed.append((field, hint, next((extra for extra in extras if isinstance(extra, Field)), None)))
    return listed


@cache
def _adapter(kind: type, checks: tuple[tuple[type, Check], ...]) -> pydantic.TypeAdapter[Any]:
    """Return what validates a dataclass; making it takes longer than using it."""
    return pydantic.TypeAdapter(cast("Any", _form(kind, dict(checks))))


def _form(kind: type, checks: Mapping[type, Check]) -> object:
    """Return a pydantic type that takes a table and gives the dataclass."""
    fields = {field.name: (_item(hint, declared, checks), _default(field)) for field, hint, declared in _fields(kind)}
    model = pydantic.create_model(
        kind.__name__,
        __config__=pydantic.ConfigDict(extra="forbid", strict=True, protected_namespaces=()),
        **fields,  # type: ignore[call-overload]  # built at run time: no overload can know the names
    )
    check = checks.get(kind)

    def settled(table: pydantic.BaseModel) -> object:
        settings = kind(**{name: getattr(table, name) for name in fields})
        if check and (complaints := tuple(check(settings))):
            raise PydanticCustomError("unfit", "does not fit together", {"complaints": complaints})
        return settings

    return Annotated[model, pydantic.AfterValidator(settled)]


def _default(field: dataclasses.Field[object]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return pydantic.Field(default_factory=field.default_factory)
    return ... if field.default is dataclasses.MISSING else field.default


def _item(hint: object, declared: Field | None, checks: Mapping[type, Check]) -> object:
    """Return the pydantic type of one setting. Strict but for what TOML cannot say: choices by name, arrays."""
    if hint is int and declared is not None:
        return Annotated[int, pydantic.Field(ge=declared.low, le=declared.high)]
    if get_origin(hint) is tuple:
        item = _item(get_args(hint)[0], declared, checks)
        return Annotated[tuple[item, ...], pydantic.Strict(strict=False)]  # type: ignore[valid-type]  # built at run time
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _form(hint, checks)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Annotated[hint, pydantic.Strict(strict=False)]
    return hint


def _complaints(kind: type, raw: object, table: str, mistake: ErrorDetails) -> list[str]:
    where = _path(mistake["loc"], raw, table)
    match mistake["type"]:
        case "unfit":
            return [f"{where}: {complaint}" for complaint in mistake["ctx"]["complaints"]]
        case "extra_forbidden":
            _, hint, _ = _declared(kind, mistake["loc"][:-1])
            known = [field.name for field in dataclasses.fields(hint)]  # type: ignore[arg-type]  # only tables have keys
            return [f"{where}: unknown{suggestion(str(mistake['loc'][-1]), known)}"]
        case "missing":
            return [f"{where}: missing; allowed: {allowed(*_declared(kind, mistake['loc']))}"]
        case _:
            name, hint, declared = _declared(kind, mistake["loc"])
            return [f"{where}: found {as_toml(mistake['input'], name)}; allowed: {allowed(name, hint, declared)}"]


def _declared(kind: type, loc: tuple[int | str, ...]) -> tuple[str, object, Field | None]:
    """Return name, type and declaration of the setting at a place."""
    name, hint, declared = "", cast("object", kind), None
    for step in loc:
        if isinstance(step, int):
            hint = get_args(hint)[0]
        else:
            name = step
            hint, declared = next(
                (hint, declared) for field, hint, declared in _fields(cast("type", hint)) if field.name == step
            )
    return name, hint, declared


def _path(loc: tuple[int | str, ...], raw: object, table: str) -> str:
    """Return a place as `rule[4 SAY-WAIT].phrases[2]`: list items are counted from one and named if they have an id."""
    path, here = table, raw
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) else None
            label = here.get("id") if isinstance(here, Mapping) else None
            path += f"[{step + 1} {label}]" if isinstance(label, str) else f"[{step + 1}]"
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
            path += f".{step}" if path else step
    return path or "the file"
