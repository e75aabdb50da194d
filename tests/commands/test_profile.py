"""`edgewright profile` as a person runs it."""

from pathlib import Path

from tests.commands.conftest import Edgewright


def test_that_a_profile_tells_layers_conversions_and_the_clean_latency_as_one_object(
    edgewright: Edgewright, tiny_model: Path
) -> None:
    words = ("--runtime", "openvino", "--inferences", 5, "--threads", 1, "--json")
    said = edgewright("profile", tiny_model, *words)

    assert said.code == 0, said.err
    members = [layer for group in said.json["groups"] for layer in group["layers"]]
    assert {"stem/Conv", "body/Conv", "head/Gemm"} <= set(members)
    assert said.json["profile"]["counted_ms"] > 0
    assert said.json["profile"]["clean_ms"]["value"] > 0
    assert said.json["picture"]["shares"][0]["precision"]
    assert "The counters add up to" in said.json["difference"]


def test_that_a_model_that_is_not_there_is_refused_by_name(
    edgewright: Edgewright, tmp_path: Path
) -> None:
    said = edgewright("profile", tmp_path / "absent.onnx")

    assert said.code != 0
    assert "absent.onnx" in said.err
