"""The card of the project panel that says what device the model is made for."""

from core.devices.profile_words import brief
from gui.devices.profile_target import TargetDevice
from gui.panels.cards import ThingCard

_NOTHING = "Choose a device…", "Predictions and advice are about it; it need not be here"


class TargetCard(ThingCard):
    """Follows the target; pressing it is told by `clicked`."""

    def __init__(self, target: TargetDevice) -> None:
        super().__init__("Target device", wraps=True)
        self._target = target
        target.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        choice, profile = self._target.choice, self._target.profile
        self.set_chosen(profile is not None)
        if profile is not None:
            self.show_thing(profile.name, brief(profile.in_mode(self._mode)), self._mode or "")
        elif choice is None:
            self.show_thing(*_NOTHING)
        elif self._target.is_missing:
            self.show_thing(choice.profile, "Its profile is not on this computer", "gone", "warn")
        else:
            self.show_thing(choice.profile, "Reading its profile…")

    @property
    def _mode(self) -> str | None:
        """The mode of the choice, where the profile has it."""
        profile, mode = self._target.profile, self._target.mode
        return mode if profile and mode and profile.mode(mode) else None
