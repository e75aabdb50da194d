"""The one place for colours, fonts and spacing: a light and a dark theme, and the switch between.

Widgets ask `current()` when they paint and repaint on `changed`; nothing else holds a colour.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

Mode = Literal["system", "light", "dark"]

TITLE, BODY, SMALL, TINY = 15, 13, 12, 11
"""Font sizes in pixels."""

RADIUS = 8
GAP = 8
PADDING = 12

_FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "DejaVu Sans"]
_HEAT = ("#31688e", "#35b779", "#fde725")
"""Viridis at 1/3, 2/3 and 1: its dark end would drown the text on the boxes."""


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance, named by what they mean."""

    name: Literal["light", "dark"]
    background: QColor
    panel: QColor
    raised: QColor
    line: QColor
    ink: QColor
    dim: QColor
    faint: QColor
    accent: QColor
    accent_ink: QColor
    good: QColor
    warn: QColor
    bad: QColor
    chip: QColor
    grid: QColor
    selection: QColor


def _theme(name: Literal["light", "dark"], **colours: str) -> Theme:
    return Theme(name=name, **{role: QColor(value) for role, value in colours.items()})


LIGHT = _theme(
    "light",
    background="#f5f6f8",
    panel="#ffffff",
    raised="#ffffff",
    line="#dfe3e8",
    ink="#1c2430",
    dim="#5d6878",
    faint="#8b95a3",
    accent="#0b6bcb",
    accent_ink="#ffffff",
    good="#1a7f4b",
    warn="#a15c00",
    bad="#b3261e",
    chip="#eef1f5",
    grid="#e9ecf0",
    selection="#0b6bcb",
)
DARK = _theme(
    "dark",
    background="#12161c",
    panel="#181d25",
    raised="#1f2630",
    line="#2b333f",
    ink="#e6eaf0",
    dim="#9aa6b5",
    faint="#6f7b8b",
    accent="#4c9ef0",
    accent_ink="#08131f",
    good="#4fc08d",
    warn="#e2a84b",
    bad="#f0776c",
    chip="#242c37",
    grid="#1c222b",
    selection="#6db3ff",
)


class _Switch(QObject):
    """Holds the appearance that applies and tells when it changes."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.mode: Mode = "system"


_switch = _Switch()
changed = _switch.changed
"""Emitted on the window's thread after `current()` began to answer differently."""


def current() -> Theme:
    return _switch.theme


def mode() -> Mode:
    return _switch.mode


def set_mode(chosen: Mode) -> None:
    """Use the light or the dark theme, or whichever the system asks for."""
    _switch.mode = chosen
    _apply()


def install(chosen: Mode = "system") -> None:
    """Give the running application this theme, and follow the system's wish from now on."""
    _load_fonts()
    QGuiApplication.styleHints().colorSchemeChanged.connect(_apply)
    set_mode(chosen)


def heat(fraction: float) -> QColor:
    """The colour of a share between 0 (little) and 1 (most); safe for colour-blind eyes."""
    position = min(max(fraction, 0.0), 1.0) * (len(_HEAT) - 1)
    lower = min(int(position), len(_HEAT) - 2)
    return mix(QColor(_HEAT[lower + 1]), QColor(_HEAT[lower]), position - lower)


def mix(colour: QColor, ground: QColor, share: float) -> QColor:
    """`colour` laid over `ground` with an opacity of `share`."""

    def blend(above: int, below: int) -> int:
        return round(above * share + below * (1 - share))

    return QColor(
        blend(colour.red(), ground.red()),
        blend(colour.green(), ground.green()),
        blend(colour.blue(), ground.blue()),
    )


def ink_on(ground: QColor) -> QColor:
    """Text colour that reads well on `ground`."""
    return QColor("#0d1b12") if ground.lightnessF() > 0.42 else QColor("#ffffff")


@cache
def font(size: int = BODY, weight: int = QFont.Weight.Normal) -> QFont:
    """The typeface in pixels; callers that change it copy it first."""
    typeface = QFont()
    typeface.setFamilies([*_FAMILIES, QFont().defaultFamily()])
    typeface.setPixelSize(size)
    typeface.setWeight(QFont.Weight(weight))
    return typeface


@cache
def fixed_font(size: int = SMALL) -> QFont:
    """For what is compared or typed letter by letter: fingerprints, commands."""
    typeface = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    typeface.setPixelSize(size)
    return typeface


@cache
def _load_fonts() -> None:
    for entry in (resources.files("resources") / "fonts").iterdir():
        if entry.name.endswith(".ttf"):
            QFontDatabase.addApplicationFontFromData(entry.read_bytes())


def _apply() -> None:
    _switch.theme = _wanted()
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setFont(font())
        application.setPalette(_palette(_switch.theme))
        application.setStyleSheet(_style_sheet(_switch.theme))
    _switch.changed.emit()


def _wanted() -> Theme:
    if _switch.mode == "system":
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if _switch.mode == "dark" else LIGHT


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, theme.panel),
        (role.Base, theme.raised),
        (role.AlternateBase, theme.background),
        (role.Button, theme.raised),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.ink),
        (role.WindowText, theme.ink),
        (role.Text, theme.ink),
        (role.ButtonText, theme.ink),
        (role.PlaceholderText, theme.dim),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.accent_ink),
        (role.Link, theme.accent),
    ):
        palette.setColor(target, colour)
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, theme.faint)
    return palette


@cache
def _style_template() -> str:
    sheet = resources.files("resources") / "styles" / "window.qss"
    return sheet.read_text(encoding="utf-8")


def _style_sheet(theme: Theme) -> str:
    """The style sheet with every @role replaced by this theme's colour."""
    roles = {name: value for name, value in vars(theme).items() if isinstance(value, QColor)}
    roles |= {
        f"soft_{name}": mix(roles[name], theme.raised, 0.18)
        for name in ("accent", "good", "warn", "bad")
    }
    roles["hover"] = mix(theme.ink, theme.raised, 0.05)
    roles["pressed_accent"] = mix(theme.ink, theme.accent, 0.15)
    sheet = _style_template()
    for name in sorted(roles, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", roles[name].name())
    return sheet
