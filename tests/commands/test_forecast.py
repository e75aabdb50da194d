"""`edgewright forecast`: what it answers, and what it refuses."""

import argparse
import re
from pathlib import Path

import pytest

from core.commands.forecast import ForecastCommand
from core.errors import InputError
from tests.commands.conftest import Edgewright


def test_that_a_model_is_forecast_in_every_power_mode(
    edgewright: Edgewright, tiny_model: Path
) -> None:
    words = ("--profile", "jetson-nano-4gb", "--mode", "all", "--precision", "f16", "--json")
    said = edgewright("forecast", tiny_model, *words)

    assert said.code == 0, said.err
    assert [one["mode"] for one in said.json["forecasts"]] == ["MAXN", "5W"]
    for one in said.json["forecasts"]:
        latency = one["latency_ms"]
        assert latency["low"] < latency["value"] < latency["high"]
        assert one["per_layer_ms"]


def test_that_words_say_that_all_is_predicted(edgewright: Edgewright, tiny_model: Path) -> None:
    said = edgewright("forecast", tiny_model, "--profile", "jetson-nano-4gb", "--precision", "i8")

    assert said.code == 0, said.err
    assert said.out.startswith("Predicted for Jetson Nano 4GB, TensorRT, INT8\n")
    assert re.search(r" [\d.]+ to [\d.]+ GB  ", said.out)
    assert "with a whole device left out" in said.out
    assert "Timed as MLPerf does." in said.out
    assert "Warning: Jetson Nano 4GB does not compute in INT8: FP16 stands in." in said.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("model.onnx", "--profile", "no-such-board"), "no device profile"),
        (("model.onnx",), "No profile was given"),
        (("model.onnx", "--profile", "hailo-8"), "There can be no forecast"),
        (("model.onnx", "--profile", "jetson-nano-4gb", "--mode", "TURBO"), "Known modes"),
        (("--profile", "jetson-nano-4gb"), "No model was given"),
    ],
)
def test_that_what_cannot_be_forecast_is_refused_before_the_model_is_read(
    words: tuple[str, ...], reason: str
) -> None:
    command, parser = ForecastCommand(), argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(InputError, match=reason):
        command.run(parser.parse_args(words), lambda event: None)
