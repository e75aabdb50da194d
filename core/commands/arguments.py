"""Flags that several commands share, and how what a person types becomes a value."""

import argparse
import getpass
import sys
from pathlib import Path

from core.benchmark.protocol import PATIENCE
from core.data.contract import PreprocessingContract
from core.data.contract_file import read_contract
from core.data.metrics import metrics
from core.errors import InputError
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes

_DAY = 86400
"""Seconds."""


def points(text: str) -> float:
    """“1%” or “1” is one percentage point."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no share such as 1%") from None
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"“{text}” does not lie between 0% and 100%")
    return value


def above_zero(text: str) -> float:
    """A number above zero."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no number") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"“{text}” is not above zero")
    return value


def count(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number")
    return int(text)


def file_to_write(text: str) -> Path:
    """A file that may be there or not, in a folder that is: refused before the work, not after."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"“{text}” is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder “{path.parent}” to write into")
    return path


def add_metric(parser: argparse.ArgumentParser) -> None:
    """--metric, read back by `metric_of`."""
    parser.add_argument(
        "--metric",
        choices=[metric.name for metric in metrics()],
        default="",
        metavar="NAME",
        help="what accuracy is (default: the first that fits); known are: "
        + ", ".join(f"{metric.name} ({metric.label})" for metric in metrics()),
    )


def metric_of(arguments: argparse.Namespace) -> str:
    """What --metric says. Raises InputError where there is nothing to judge."""
    metric: str = arguments.metric
    if metric and data_of(arguments) is None:
        raise InputError(
            "Nothing can be judged.",
            f"--metric {metric} says what accuracy is, and no images were given.",
            "Add --data with images, or leave --metric out.",
        )
    return metric


def add_images(parser: argparse.ArgumentParser) -> None:
    """--data and --preprocess, read back by `data_of` and `contract_of`."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="IMAGES",
        help="folder or zip: one folder per class, COCO or YOLO boxes, masks, a list of texts, a "
        "CSV of numbers, .npz tensors, or just images",
    )
    parser.add_argument(
        "--preprocess",
        type=Path,
        metavar="FILE",
        help="preprocessing contract (JSON or TOML); without it the best of the common ones",
    )


def data_of(arguments: argparse.Namespace) -> Path | None:
    data: Path | None = arguments.data
    return None if data is None else data.absolute()


def contract_of(arguments: argparse.Namespace) -> PreprocessingContract | None:
    """Raises InputError with everything that is wrong in the file."""
    file: Path | None = arguments.preprocess
    return None if file is None else read_contract(file)


def add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads",
        type=count,
        default=0,
        metavar="N",
        help="threads of one inference; 0 leaves it to the runtime (default)",
    )


def add_runtimes(parser: argparse.ArgumentParser) -> None:
    """--runtime, which may be repeated; an empty list means all."""
    parser.add_argument(
        "--runtime",
        action="append",
        choices=[runtime.name for runtime in runtimes()],
        default=[],
        help="use only this one; may be repeated (default: all that are installed)",
    )


def password_from(prompt: str) -> str:
    """Typed by the person, else the first line of standard input.

    Never from the command line, which everybody on this computer can read.
    """
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def add_blocks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--blocks",
        type=_blocks,
        default=20,
        metavar="N",
        help="blocks of inferences for each contender, from 2 (default: 20)",
    )


def add_patience(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long to go on where times jump, until intervals are narrow; not on a Jetson; "
        f"0 never does (default: {PATIENCE:g})",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _DAY:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of seconds from 0 to {_DAY}")
    return seconds


def _blocks(text: str) -> int:
    if not 2 <= count(text) <= 1000:
        raise argparse.ArgumentTypeError(f"“{text}” does not lie between 2 and 1000")
    return count(text)


def runtime_choice(text: str) -> RuntimeChoice:
    """“openvino” as it is by default, or “openvino:f32” in a precision."""
    name, _, precision = text.partition(":")
    if name not in runtimes():
        known = ", ".join(runtime.name for runtime in runtimes())
        raise argparse.ArgumentTypeError(f"there is no runtime “{name}”; known are: {known}")
    known = ("auto", *runtimes()[name].precisions())
    if precision and precision not in known:
        raise argparse.ArgumentTypeError(
            f"{name} cannot be told to compute in “{precision}” here; known are: {', '.join(known)}"
        )
    return RuntimeChoice(runtime=name, precision=precision or "auto")
