"""Print requirements for the oldest release series that pyproject.toml allows.

`numpy>=2.0` becomes `numpy==2.0.*`: the oldest series with its last corrections. Of the
extras those are left out that only documentation, benchmarks and development need.
"""

import tomllib
from pathlib import Path

NOT_RUN = {"bench", "dev", "docs", "ray"}
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = settings["project"]
    extras = project["optional-dependencies"]
    found = [*project["dependencies"], *settings["dependency-groups"]["lowest"]]
    for name in sorted(extras.keys() - NOT_RUN):
        found += extras[name]
    for requirement in dict.fromkeys(found):
        name, bound = requirement.split(">=")
        version, *marker = bound.split(";")
        print(f"{name}=={version}.*", *marker, sep=";")


if __name__ == "__main__":
    main()
