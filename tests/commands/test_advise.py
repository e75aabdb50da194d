"""`edgewright advise` as people and programs call it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from core.plan.plan_file import read_plan


def test_that_advise_answers_in_words_and_as_an_object(edgewright: Any, tiny_model: Path) -> None:
    words = ("--profile", "jetson-orin-nano-8gb", "--fps", "30", "--network-ms", "40")
    said = edgewright("advise", tiny_model, *words, "--mbit", "20", "--json")
    assert said.code == 0, said.err
    schema = (files("resources") / "schemas" / "advise.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(schema)).validate(said.json)
    ids = [each["id"] for each in said.json["suggestions"]]
    assert ids[:3] == ["tensorrt", "fp16", "int8"]
    assert said.json["edge_or_cloud"]["edge"]["name"] == "Jetson Orin Nano 8GB"


def test_that_evidence_is_told_on_demand_and_the_plan_is_written(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    words = ("--profile", "intel-core-i7-8700t", "--evidence", "--out", file)
    said = edgewright("advise", tiny_model, *words)
    assert said.code == 0, said.err
    assert "[I03]" in said.out
    assert "pmaddubsw" in said.out
    step = read_plan(file).steps[-1]
    assert (step.technique, step.options_for("head/Gemm")) == (
        "int8",
        {"symmetric": False, "reduce_range": True},
    )


def test_that_half_of_a_network_is_answered_with_a_remedy(
    edgewright: Any, tiny_model: Path
) -> None:
    half = edgewright("advise", tiny_model, "--profile", "rpi-4", "--mbit", "20")
    assert half.code == 2
    assert "--network-ms" in half.err


def test_that_a_limit_that_cannot_be_kept_ends_with_1(edgewright: Any, tiny_model: Path) -> None:
    said = edgewright("advise", tiny_model, "--profile", "rpi-3b", "--latency", "0.0001")
    assert said.code == 1, said.err
    assert "No: even the lower end of the forecast" in said.out
