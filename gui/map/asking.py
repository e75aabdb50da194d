"""What a person can ask of the map: make it, and find the best plan from it."""

from pathlib import Path

from core.search.request import MapRequest
from gui.obstacles import obstacle_to_mapping
from gui.session import Session


def map_layers(session: Session) -> None:
    """Measure what every layer gains and costs; what an interrupted map measured is used."""
    if obstacle_to_mapping(session):
        return

    def request(model: Path) -> MapRequest:
        assert session.device is not None
        return MapRequest(
            model=model,
            data=session.images_path,
            contract=session.contract,
            metric=session.accuracy.metric,
            device=session.device.id,
            threads=session.threads,
        )

    session.troubles.clear("map")
    session.mapping.start(request)


def find_best_plan(session: Session) -> None:
    """Solve for the best mix of layers within the goal's limits, and edit from there."""
    if session.mapping.can_solve:
        session.troubles.clear("map")
        session.mapping.solve(session.goal)
