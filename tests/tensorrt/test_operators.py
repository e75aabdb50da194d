"""The tables of operators: sound in themselves, and right about what is known."""

import pytest
from onnx import defs

from core.tensorrt.operators import first_version_of, support_of, takes_type
from core.tensorrt.operators import operator_table as table
from core.tensorrt.version import TensorRtVersion

OLD = {"ImageScaler", "ParametricSoftplus", "ScaledTanh", "Scatter", "Upsample"}
"""Operators that later opsets took back."""
NEW = {"RMSNormalization", "RotaryEmbedding", "TensorScatter", "ImageDecoder"}


def test_that_every_operator_of_the_tables_is_one_of_onnx() -> None:
    known = {schema.name for schema in defs.get_all_schemas_with_history()}
    listed = set(table().first) | set(table().never.operators.split())
    assert listed - known <= OLD | NEW


def test_that_no_operator_is_both_taken_and_never_taken() -> None:
    assert not set(table().first) & set(table().never.operators.split())
    assert set(table().unsure) <= set(table().first)


def test_that_restrictions_speak_of_what_their_operators_have() -> None:
    for restriction in table().restriction:
        for operator in restriction.operators.split():
            assert operator in table().first
            versions = [
                schema for schema in defs.get_all_schemas_with_history() if schema.name == operator
            ]
            if restriction.attribute:
                assert any(restriction.attribute in schema.attributes for schema in versions)
            for place in restriction.stored:
                assert any(len(schema.inputs) > place for schema in versions)


@pytest.mark.parametrize(
    ("operator", "version", "support"),
    [
        ("Conv", "8.2.1", "yes"),
        ("Det", "10.16", "no"),
        ("Mod", "8.4.1", "no"),
        ("Mod", "8.5.2", "yes"),
        ("LayerNormalization", "8.5.2", "no"),
        ("LayerNormalization", "8.6.2", "yes"),
        ("Gelu", "8.6.2", "no"),
        ("Gelu", "10.3.0", "unsure"),
        ("Gelu", "10.16.0", "yes"),
        ("Nonsense", "10.16.0", "unknown"),
        ("EfficientNMS_TRT", "8.2.1", "plugin"),
    ],
)
def test_that_support_follows_the_version(operator: str, version: str, support: str) -> None:
    assert support_of(operator, "", TensorRtVersion.parse(version)) == support


def test_that_an_operator_of_another_domain_is_not_taken_for_the_standards() -> None:
    assert support_of("Conv", "com.example", TensorRtVersion(10, 3)) == "unknown"


def test_that_the_first_version_is_known() -> None:
    assert first_version_of("GridSample") == (8, 5, 0)
    assert first_version_of("Det") is None


def test_that_types_came_one_after_the_other() -> None:
    assert takes_type("float16", TensorRtVersion(8, 2))
    assert not takes_type("bfloat16", TensorRtVersion(8, 6))
    assert takes_type("bfloat16", TensorRtVersion(10, 3))
    assert not takes_type("string", TensorRtVersion(11, 1))
