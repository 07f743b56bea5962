"""What may stand in a site's files? Every setting, its meaning, range and default: `pi_companion/site/REFERENCE.md`."""

import dataclasses
from collections.abc import Iterator
from typing import Final

from pi_companion import config, schema
from pi_companion.core.harness import CODES
from pi_companion.site.network import SECRETS
from pi_companion.site.stations import LONGEST_NUMBER

_LEFT_OUT: Final = ("station_file", "limits")

_PASSWORDS: Final = ", ".join(f"`{table}.{name}`" for table, name in SECRETS)

INTRODUCTION: Final = f"""# The site's files

`make docs` writes this page from the code. The files are in the folder `companion` of the card's first partition, which
any PC shows; edit them with any text editor and save as UTF-8. `pi-companion config check companion/site.toml` on a PC
tells every mistake, as the device does at its start.

| file | what it is |
|---|---|
| `site.toml` | what all units of the site have in common; every line below may be left out |
| `stations.toml` | which harness code is which station; without it every unit is a desk of its own |
| a rule pack, a CA | named in `site.toml`, in the same folder |

Taken out of the file at the next start, and kept by the device alone: {_PASSWORDS}.
"""

STATIONS: Final = f"""## stations.toml

```toml
[station.12]           # the harness's code
number = "212"         # what people call it, up to {LONGEST_NUMBER} characters; default: the code
agent_name = "小李"
extension = "8012"

[station.11]
agent_name = "王晓明"
mute_lamp = false      # any setting of [station] below, over what site.toml says of all
```

Codes that a harness can have: {", ".join(map(str, CODES))}.
Two stations may not have one number.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, STATIONS, "## site.toml\n", *_tables(), _LIMITS])


_LIMITS: Final = """### [limits.GROUP]

Single limits that this site sets otherwise than its rule pack: `pi-companion config show` lists those in effect,
[the pack](../packs/it-helpdesk-zh.toml) has all of them with their meanings.
"""


def _tables() -> Iterator[str]:
    form = config._SiteForm()
    for field in dataclasses.fields(form):
        value = getattr(form, field.name)
        if field.name in _LEFT_OUT or not dataclasses.is_dataclass(value):
            continue
        about = (type(value).__doc__ or "").split("\n")[0]
        rows = [
            f"| `{each.name}` | {declared.meaning if declared else ''} | {schema.allowed(each.name, hint, declared)} "
            f"| `{schema.as_toml(getattr(value, each.name), each.name)}` |"
            for each, hint, declared in schema._fields(type(value))
        ]
        yield f"### [{field.name}]\n\n{about}\n\n| setting | meaning | allowed | default |\n|---|---|---|---|"
        yield "\n".join(rows) + "\n"
