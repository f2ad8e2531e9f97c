"""Give the wheel one top-level name.

A checkout imports its rooms as `domain`, `projections` and `adapters`. Such general names are not
ours to claim in other people's site-packages, so in the wheel the rooms stand inside `marginbook`.
"""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("domain", "projections", "adapters")
IMPORT = re.compile(rf"^(\s*from )((?:{'|'.join(ROOMS)})(?:\.\w+)* import\b)", re.MULTILINE)
RUN = "from marginbook import main\n\nraise SystemExit(main())\n"
NOT_OURS = shutil.ignore_patterns(".*", "__pycache__", "*.pyc")


class OneName(BuildHookInterface[Any]):
    """Stage the rooms under `marginbook/`, their imports renamed to match."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the wheel from the stage, a folder that lives as long as this hook."""
        if version == "editable":  # a checkout is used as it stands
            return
        root = Path(self.root)
        self.stage = tempfile.TemporaryDirectory()
        house = Path(self.stage.name, "marginbook")
        for room in ROOMS:  # with the data that stands beside the code
            shutil.copytree(root / room, house / room, ignore=NOT_OURS)
        shutil.copy(root / "marginbook.py", house / "__init__.py")
        for module in house.rglob("*.py"):
            module.write_text(inside(module.read_text("utf-8")), "utf-8")
        (house / "__main__.py").write_text(RUN)
        (house / "py.typed").touch()
        build_data["force_include"][str(house)] = "marginbook"


def inside(source: str) -> str:
    """Return `source` with each room's imports led through `marginbook`."""
    return IMPORT.sub(r"\1marginbook.\2", source)
