"""The simple choices come from the techniques themselves."""

import pytest

from core.plan.plan import CompressionPlan
from core.plan.recipes import KEEP, recipes, recipes_for
from core.techniques import techniques


def test_that_keeping_comes_first_and_changes_nothing():
    assert recipes()[0].id == KEEP
    assert recipes()[0].plan.steps == ()


def test_that_every_variant_is_a_recipe_with_a_name_of_its_own():
    declared = [variant.id for technique in techniques() for variant in technique.variants]
    assert [recipe.id for recipe in recipes()[1:]] == declared
    assert len({recipe.id for recipe in recipes()}) == len(recipes())
    assert len({recipe.label for recipe in recipes()}) == len(recipes())


def test_that_recipes_name_no_layer_and_no_runtime():
    for recipe in recipes():
        assert recipe.plan.runtime is None
        assert not any(step.layers for step in recipe.plan.steps)


def test_that_only_recipes_that_need_images_say_so():
    for recipe in recipes()[1:]:
        assert (
            recipe.needs_calibration
            == techniques()[recipe.plan.steps[-1].technique].needs_calibration
        )


def test_that_a_recipe_for_hardly_any_layer_is_not_tried(graph):
    tried = {recipe.id for recipe in recipes_for(graph)}
    assert {KEEP, "fp16", "int8", "int8-weights"} <= tried


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_that_a_recipe_survives_json(recipe):
    text = recipe.plan.model_dump_json()
    assert CompressionPlan.model_validate_json(text) == recipe.plan
