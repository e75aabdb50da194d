"""Draws pictures of text, for the models that find and read it.

    python tests/benchmarks/planning/text_pictures.py FOLDER --fonts FOLDER --photos FOLDER|ZIP

Writes FOLDER/lines, one line of text in each picture with the list of what stands there, and
FOLDER/pages, photos with some lines of text laid over them. Words are drawn at random from English
prose, fonts from the TrueType files in --fonts (such as those of DejaVu and Liberation); size,
colours, slant, blur and noise differ from picture to picture. The seed is fixed.
"""

import argparse
import io
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from core.model.operator_docs import operator_of

LINES, PAGES = 500, 300
LINE_SIZE = (320, 48)
PAGE_SIZE = (640, 480)
FEWEST_WORDS, MOST_WORDS = 1, 4
OPERATORS = ("Attention", "Conv", "LSTM", "Loop", "NonMaxSuppression", "Resize", "Scan", "TopK")
OPSET = 23
LONGEST = 26
"""Characters in one line; more would be too small to read."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    arguments = parser.parse_args()
    draw = random.Random(0)
    fonts = sorted(arguments.fonts.rglob("*.ttf"))
    write_lines(arguments.folder / "lines", fonts, draw)
    write_pages(arguments.folder / "pages", fonts, photos_in(arguments.photos), draw)


def write_lines(folder: Path, fonts: list[Path], draw: random.Random) -> None:
    folder.mkdir(parents=True)
    listed: list[str] = []
    for number in range(LINES):
        text = some_text(draw)
        shade = draw.randrange(120, 256)
        picture = Image.new("RGB", LINE_SIZE, tinted(shade, draw))
        lay_text(picture, text, fonts, draw, (0, 0, *LINE_SIZE), dark=shade > 127)
        roughened(picture, draw).save(folder / f"{number:04d}.png")
        listed.append(f"{number:04d}.png\t{text}")
    (folder / "labels.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")


def write_pages(
    folder: Path, fonts: list[Path], photos: Iterator[Image.Image], draw: random.Random
) -> None:
    folder.mkdir(parents=True)
    for number, photo in zip(range(PAGES), photos, strict=False):
        picture = photo.resize(PAGE_SIZE)
        for _ in range(draw.randrange(2, 7)):
            height = draw.randrange(18, 56)
            left = draw.randrange(0, PAGE_SIZE[0] // 2)
            top = draw.randrange(0, PAGE_SIZE[1] - height)
            place = (left, top, PAGE_SIZE[0], top + height)
            lay_text(picture, some_text(draw), fonts, draw, place, dark=draw.random() < 0.5)
        roughened(picture, draw).save(folder / f"{number:04d}.jpg", quality=90)


def some_text(draw: random.Random) -> str:
    words = draw.choices(_words(), k=draw.randint(FEWEST_WORDS, MOST_WORDS))
    if draw.random() < 0.3:
        words.append(str(draw.randrange(10_000)))
    return " ".join(words)[:LONGEST].strip()


def lay_text(
    picture: Image.Image,
    text: str,
    fonts: list[Path],
    draw: random.Random,
    place: tuple[int, int, int, int],
    *,
    dark: bool,
) -> None:
    """Draw one line as large as it fits into `place`: left, top, right, bottom."""
    left, top, right, bottom = place
    size, font = bottom - top, draw.choice(fonts)
    while size > 8:
        loaded = ImageFont.truetype(font, size)
        box = loaded.getbbox(text)
        if box[2] <= right - left - 4 and box[3] <= bottom - top:
            break
        size -= 2
    colour = tinted(draw.randrange(0, 80) if dark else draw.randrange(190, 256), draw)
    offset = draw.randrange(0, max(1, bottom - top - round(box[3])))
    ImageDraw.Draw(picture).text((left + 2, top + offset), text, fill=colour, font=loaded)


def tinted(shade: int, draw: random.Random) -> tuple[int, int, int]:
    one, two, three = (min(255, max(0, shade + draw.randint(-25, 25))) for _ in range(3))
    return one, two, three


def roughened(picture: Image.Image, draw: random.Random) -> Image.Image:
    turned = picture.rotate(draw.uniform(-2, 2), Image.Resampling.BICUBIC, fillcolor=(128,) * 3)
    blurred = turned.filter(ImageFilter.GaussianBlur(draw.uniform(0, 1.0)))
    chance = np.random.default_rng(draw.randrange(2**32))
    grain = chance.normal(0, draw.uniform(0, 10), (blurred.height, blurred.width, 1))
    values = np.asarray(blurred, dtype=np.float32) + grain
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def photos_in(source: Path) -> Iterator[Image.Image]:
    if source.is_dir():
        for file in sorted(source.rglob("*.jp*g")):
            yield Image.open(file).convert("RGB")
        return
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                yield Image.open(io.BytesIO(archive.read(name))).convert("RGB")


@cache
def _words() -> list[str]:
    """Words of the descriptions of ONNX operators: English prose that every copy has."""
    found = (operator_of(name, "", {"": OPSET}) for name in OPERATORS)
    text = " ".join(operator.text for operator in found if operator is not None)
    return sorted({word.strip(".,:;()`'\"") for word in text.split() if word.isalpha()})


if __name__ == "__main__":
    main()
