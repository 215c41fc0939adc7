"""Imports point down only, in no circle, and no file is long."""

import floors
import pytest

HOUSE = floors.House(floors.PACKAGE)
FILES = sorted(floors.PACKAGE.rglob("*.py"))
UPPER = {"cli", "launch", "recipes", "task", "testing"}
NAMES = ("chorale", "music", "sentiment", "translation")
TASKS = [f"seqapps.tasks.{name}" for name in NAMES]


def floor(module: str) -> int:
    parts = module.split(".")
    if parts[:2] == ["seqapps", "tasks"] and len(parts) > 2:
        return 3
    return 2 if len(parts) > 1 and parts[1] in UPPER else 1


def test_the_package_is_seen():
    assert len(HOUSE.edges) > 150
    assert "seqapps.export.saved" in HOUSE.edges["seqapps.cli.verbs"]


@pytest.mark.parametrize("name", sorted(HOUSE.edges))
def test_imports_point_down(name):
    for other in HOUSE.edges[name]:
        assert floor(other) <= floor(name), f"{name} imports {other}"
        if floor(name) == floor(other) == 3:
            assert other.split(".")[2] == name.split(".")[2]


def test_no_modules_import_each_other():
    assert not HOUSE.circles()


@pytest.mark.parametrize("base", ["seqapps", "seqapps.layers", *TASKS])
def test_rooms_import_in_one_direction(base):
    assert not floors.circles(HOUSE.rooms(base))


@pytest.mark.parametrize("base", TASKS)
def test_no_room_of_a_task_imports_its_faces(base):
    for room, others in HOUSE.rooms(base).items():
        if not room.startswith("."):
            assert not [o for o in others if o.startswith(".")], room


def test_a_circle_is_found():
    around = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert floors.circles(around) == [["b", "c"]]
    assert floors.levels({"a": {"b"}, "b": {"c"}, "c": set()}) == 3


def test_a_circle_through_a_package_and_a_function_is_found(tmp_path):
    room = tmp_path / "house" / "room"
    room.mkdir(parents=True)
    (tmp_path / "house" / "__init__.py").write_text("")
    (room / "__init__.py").write_text("from house.room.one import f\n")
    (room / "one.py").write_text("def f():\n    import house.two\n")
    (tmp_path / "house" / "two.py").write_text("from house.room import f\n")
    house = floors.House(tmp_path / "house")
    assert house.circles() == [["house.room.one", "house.two"]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 260
