"""Whether every move of an answer can be made, in two puzzles of reasoning-gym whose scorers skip those that cannot."""

import json
import re
from collections.abc import Callable
from typing import Any

from tasks.without_plots import without_plots

with without_plots():
    from reasoning_gym.games.boxnet import action_from_response
    from reasoning_gym.games.rush_hour import Board


def _boxes_move(answer: str, entry: dict[str, Any]) -> bool:
    state = entry["metadata"]["initial_state"]
    for step in json.loads(answer):
        for agent, action in step.items():
            moved = action_from_response(state, [{agent: action}])
            if moved == state:
                return False
            state = moved
    return True


def _cars_move(answer: str, entry: dict[str, Any]) -> bool:
    board = Board(entry["metadata"]["board_config"])
    for car, steps in re.findall(r"([A-Z])([-+]\d+)", answer):
        piece = board._pieces[ord(car) - ord("A")]
        before = piece.position
        board.move(car, int(steps))
        if piece.position - before != int(steps) * piece.stride:
            return False
    return True


REPLAYED: dict[str, Callable[[str, dict[str, Any]], bool]] = {"boxnet": _boxes_move, "rush_hour": _cars_move}
