"""The house's imports: `python tests/floors.py` lists rooms and circles."""

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "seqapps"


class House:
    """The modules of a package, and what each imports of the others.

    A name that a package's `__init__` re-exports counts as an import of the
    module that defines it, wherever in a file the import stands.
    """

    def __init__(self, package: Path):
        self.package = package
        self.trees = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__init__")
            self.trees[name] = ast.parse(path.read_text("utf-8"))
        self.faces = {
            ".".join(path.relative_to(package.parent).parent.parts)
            for path in package.rglob("__init__.py")
        }
        self.homes = {face: self._homes(face) for face in self.faces}
        self.edges = {
            name: self._edges(name)
            for name in self.trees
            if name not in self.faces
        }

    def _homes(self, face: str) -> dict[str, str]:
        """The module of each name that a package re-exports."""
        return {
            alias.asname or alias.name: node.module
            for node in ast.walk(self.trees[face])
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if f"{node.module}.{alias.name}" not in self.trees
        }

    def _edges(self, name: str) -> set[str]:
        found = set()
        for node in ast.walk(self.trees[name]):
            if isinstance(node, ast.ImportFrom) and node.module in self.trees:
                for alias in node.names:
                    found |= self._meant(node.module, alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    found |= {alias.name} & self.trees.keys()
        return found - {name}

    def _meant(self, module: str, name: str) -> set[str]:
        whole = f"{module}.{name}"
        if whole in self.faces and self.homes[whole]:
            # `export.load(...)` may be any of what the package re-exports
            return {m for n in self.homes[whole] for m in self._meant(whole, n)}
        if whole in self.trees:
            return {whole}
        if module not in self.faces:
            return {module}
        home = self.homes[module].get(name)
        return self._meant(home, name) if home else set()

    def circles(self) -> list[list[str]]:
        """Modules that import each other, directly or not (Tarjan 1972)."""
        return circles(self.edges)

    def rooms(self, base: str) -> dict[str, set[str]]:
        """Which rooms of a package import which of its rooms.

        A module that lies in no room is a face, and stands for itself.
        """

        def room(name: str) -> str:
            parts = name.removeprefix(base + ".").split(".")
            return parts[0] if len(parts) > 1 else "." + parts[0]

        inside = {n for n in self.edges if n.startswith(base + ".")}
        found: dict[str, set[str]] = {room(name): set() for name in inside}
        for name in inside:
            for other in self.edges[name] & inside:
                if room(other) != room(name):
                    found[room(name)].add(room(other))
        return found


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one place."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(place: str) -> None:
        index[place] = low[place] = len(index)
        stack.append(place)
        for other in sorted(edges.get(place, ())):
            if other not in index:
                visit(other)
                low[place] = min(low[place], low[other])
            elif other in stack:
                low[place] = min(low[place], index[other])
        if low[place] == index[place]:
            at = stack.index(place)
            circle = sorted(stack[at:])
            del stack[at:]
            if len(circle) > 1:
                found.append(circle)

    for place in sorted(edges):
        if place not in index:
            visit(place)
    return found


def levels(edges: dict[str, set[str]]) -> int:
    """How many imports lie on the longest way down, and one."""
    depth: dict[str, int] = {}

    def of(place: str, above: tuple = ()) -> int:
        if place in above:
            return 0
        if place not in depth:
            below = [of(o, (*above, place)) for o in edges.get(place, ())]
            depth[place] = 1 + max(below, default=0)
        return depth[place]

    return max(map(of, edges), default=0)


def main() -> None:
    """Prints places, imports and levels of each package, and the circles."""
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE
    house = House(package)
    sys.setrecursionlimit(10_000)
    print(f"{'package':32} places imports levels")
    bases = ["seqapps.layers", "seqapps.tasks.music"]
    for base in [
        *bases,
        "seqapps.tasks.sentiment",
        "seqapps.tasks.translation",
    ]:
        rooms = house.rooms(base)
        imports = sum(map(len, rooms.values()))
        print(f"{base:32} {len(rooms):6} {imports:7} {levels(rooms):6}")
        for name in sorted(rooms):
            print(f"    {name:16} -> {', '.join(sorted(rooms[name]))}")
    found = house.circles()
    print(f"circles: {len(found)}")
    for circle in found:
        print("    " + " ".join(circle))


if __name__ == "__main__":
    main()
