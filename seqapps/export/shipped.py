"""Where models and recipes lie: in a checkout, as installed, by version."""

from pathlib import Path

from seqapps.errors import InputError

_PACKAGE = Path(__file__).parents[1]
_MODELS = "saved_models"


def locate(name: str) -> Path | None:
    """Finds `tasks/music.toml` and the like: in a checkout, or as installed.

    Args:
        name: a path below the repository's root.

    Returns:
        The path, or None.
    """
    checkout = _PACKAGE.parent
    roots = [_PACKAGE / "_shipped"]
    if (checkout / "pyproject.toml").exists():
        roots.insert(0, checkout)
    paths = [root / name for root in roots if (root / name).exists()]
    return paths[0] if paths else None


def shipped_model(task: str) -> Path:
    """Finds the newest saved model that ships with a task.

    Raises:
        InputError: none ships.
    """
    folder = locate(f"{_MODELS}/{task}")
    versions = _versions(folder) if folder else []
    if not folder or not versions:
        raise InputError(
            f"no model ships with {task}: train one, then name its run: --from"
        )
    return folder / str(max(versions))


def next_version(task: str) -> Path:
    """Names the next export of a task: `saved_models/<task>/<n + 1>`."""
    folder = Path(_MODELS, task)
    return folder / str(max(_versions(folder), default=0) + 1)


def find_saved_model(path: str | Path) -> Path:
    """Finds a saved model, the newest of a folder of versions.

    Args:
        path: of a saved model, or of a folder with versions 1, 2, ...; one of
            `saved_models/` that is not there is that of the package.

    Raises:
        InputError: there is none.
    """
    path = Path(path)
    if not path.exists() and path.parts[:1] == (_MODELS,):
        path = locate(path.as_posix()) or path
    if not path.exists():
        raise InputError(f"no saved model and no run at {path}")
    if not (path / "saved_model.pb").exists():
        versions = _versions(path)
        path = path / str(max(versions)) if versions else path
    if not (path / "saved_model.pb").exists():
        raise InputError(f"{path} is neither a saved model nor a run")
    return path


def _versions(folder: Path) -> list[int]:
    return [int(p.name) for p in folder.glob("*") if p.name.isdigit()]
