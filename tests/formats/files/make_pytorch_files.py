"""Makes the PyTorch files beside it: `python make_pytorch_files.py`, with PyTorch 2.13 installed.

The models are our own and hold random numbers.
"""

import re
import zipfile
from pathlib import Path

import torch
from architecture import Tiny

FOLDER = Path(__file__).parent
_PLACE = re.compile(rb'/[^" ,\\]*/(site-packages/|(?=architecture\.py))')


class Choosing(torch.nn.Module):
    """A branch that depends on the input, a loop, and a check that raises."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(4, 4)
        self.second = torch.nn.Linear(4, 4)
        self.double = True

    def forward(self, x: torch.Tensor, times: int) -> torch.Tensor:
        if x.dim() != 2:
            raise ValueError("two dimensions are needed")
        y = self.first(x)
        if self.double:
            y = y * 2
        if y.sum() > 0:  # noqa: SIM108  # the branch is what is drawn
            y = torch.relu(y)
        else:
            y = torch.sigmoid(y)
        for _ in range(times):
            y = self.second(y)
        return y


def main() -> None:
    torch.manual_seed(0)
    model = Tiny().eval()
    example = torch.rand(1, 3, 8, 8)
    batch = {"x": {0: torch.export.Dim("batch", min=1, max=64)}}
    program = torch.export.export(model, (torch.rand(2, 3, 8, 8),), dynamic_shapes=batch)
    torch.export.save(program, FOLDER / "tiny.pt2")
    torch.jit.trace(model, example).save(FOLDER / "tiny_traced.pt")
    torch.jit.script(Choosing()).save(FOLDER / "tiny_scripted.pt")
    checkpoint = {"epoch": 3, "accuracy": 0.5, "state_dict": model.state_dict()}
    torch.save(checkpoint, FOLDER / "tiny.pth")
    torch.save(model.state_dict(), FOLDER / "tiny_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(model, FOLDER / "tiny_module.pth")
    for name in ("tiny.pt2", "tiny_traced.pt", "tiny_scripted.pt"):
        forget_folders(FOLDER / name)


def forget_folders(path: Path) -> None:
    """Rewrite an archive without the folders of the computer that made it.

    They stand in the traces of where in the code each node was made; nobody needs those.
    """
    with zipfile.ZipFile(path) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in entries:
            if entry.filename.endswith(".json"):
                archive.writestr(entry, _PLACE.sub(b"", content))
            elif not entry.filename.endswith(".debug_pkl"):
                archive.writestr(entry, content)


if __name__ == "__main__":
    main()
