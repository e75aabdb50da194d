"""Names that would run something, leave a folder or confuse a shell, if anybody let them."""

import random
import string

CANARY = "canary"
_TRAPS = (
    f"$(touch {CANARY})",
    f"`touch {CANARY}`",
    f"; touch {CANARY};",
    f"&& touch {CANARY} &&",
    f"|| touch {CANARY} #",
    f"| tee {CANARY}",
    f"\n touch {CANARY}\n",
    f"' ; touch {CANARY} ; '",
    f'" ; touch {CANARY} ; "',
    f"\\'; touch {CANARY}; \\'",
    f"${{IFS}}touch${{IFS}}{CANARY}",
    f"> {CANARY}",
    f"<(touch {CANARY})",
    f"-oProxyCommand=touch {CANARY}",
    f"--checkpoint-action=exec=touch {CANARY}",
    "../../../../tmp/x",
    "/etc/passwd",
    "~root",
    "*",
    "?[a-z]{1,2}",
    "!!",
    "%n%s%d",
    "\r\n",
    "\x1b[2J",
    "\u202e\u2066",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    " ",
    "",
)


def hostile_names(count: int) -> list[str]:
    """The traps themselves, then mixtures of them; the same every time."""
    draw = random.Random(0)
    names = list(_TRAPS)
    while len(names) < count:
        parts = draw.choices((*_TRAPS, *string.printable), k=draw.randint(2, 6))
        names.append("".join(parts))
    return names[:count]
