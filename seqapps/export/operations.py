"""Which operations of a SavedModel do more than compute."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from seqapps.errors import InputError
from seqapps.private import op_definition

# Of the operations that TensorFlow calls stateless, these read or write files,
# reach a debugger or another process, run Python, or end the process.
_STATELESS = re.compile(
    r"_.*|.*(Dataset|Reader|TPU|Tpu|DTensor).*|Abort|Copy|CopyHost|CopyToMesh.*"
    r"|CustomAggregator|Debug.*|(De|En)codeProto.*|GenerateVocabRemapping"
    r"|ImmutableConst|Infeed.*|InitializeTableFromTextFile.*|MatchingFiles"
    r"|Mlir.*|Prelinearize.*|PyFunc.*|ReadFile|ShardedFile.*"
    r"|Xla(CustomCall|Launch).*"
)
# Of the stateful ones, these only keep numbers in memory or draw them.
_STATEFUL = re.compile(
    r"Assert|Case|If|While|StatefulPartitionedCall"
    r"|(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?"
    r"|InitializeTable(V2)?|LookupTable(Export|Find|Import|Insert|Remove|Size)"
    r"(V2)?|VarHandleOp|VarIsInitializedOp|Variable(Shape|V2)?"
    r"|(Read|Assign|AssignAdd|AssignSub)VariableOp|DestroyResourceOp"
    r"|Resource(Gather|Scatter|StridedSliceAssign|Apply|SparseApply).*"
    r"|Random(Crop|Gamma|Poisson|PoissonV2|Shuffle|StandardNormal|Uniform"
    r"|UniformInt)|Multinomial|(Parameterized)?TruncatedNormal"
    r"|Stateful(Random|Standard|Truncated|Uniform).*|StatelessRandomGetAlg"
    r"|NonDeterministicInts|Rng(ReadAndSkip|Skip)|(TensorArray|Stack).*"
    r"|CudnnRNN.*"
)
# Operations of the checkpoint; the loader never calls their functions.
_OF_THE_SAVER = {
    "MergeV2Checkpoints",
    "RestoreV2",
    "SaveV2",
    "ShardedFilename",
}


def reaching_out(folder: Path) -> list[str]:
    """Lists the operations of a SavedModel that do more than compute.

    An operation only computes if TensorFlow calls it stateless, or if it
    keeps its state in memory, as a table does. All others may touch files,
    processes, the network or Python, and are listed with the function that
    holds them: "WriteFile in __inference_classify_12".

    Args:
        folder: the SavedModel; nothing of it is run.

    Raises:
        InputError: it cannot be read, or names a file outside of its folder.
    """
    operations = set()
    for graph in _read(folder).meta_graphs:
        for asset in graph.asset_file_def:
            _check_asset(folder, asset.filename)
        apart = _saver_functions(graph)
        for place, nodes in _bodies(graph.graph_def):
            for node in nodes:
                if node.op in _OF_THE_SAVER and place in apart:
                    continue
                if not _only_computes(node.op, graph.graph_def.library):
                    operations.add(f"{node.op} in {place}")
    return sorted(operations)


def _read(folder: Path) -> Any:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    path = folder / "saved_model.pb"
    try:
        return saved_model_pb2.SavedModel.FromString(path.read_bytes())
    except (DecodeError, OSError) as error:
        raise InputError(
            f"{path} is damaged, export it again: {error}"
        ) from None


def _check_asset(folder: Path, name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in name:
        raise InputError(
            f"{folder} names a file outside of its folder: {name[:80]!r}"
        )


def _bodies(graph: Any) -> Iterator[tuple[str, Iterable[Any]]]:
    yield "the graph", graph.node
    for function in graph.library.function:
        yield function.signature.name, function.node_def


def _only_computes(op: str, library: Any) -> bool:
    definition = op_definition(op)
    if definition is None:  # a function that is called by its name
        return any(op == f.signature.name for f in library.function)
    if definition.is_stateful:
        return bool(_STATEFUL.fullmatch(op))
    return not _STATELESS.fullmatch(op)


def _saver_functions(graph: Any) -> set[str]:
    """Functions that only the saver's two nodes call."""
    saver = graph.saver_def
    entries = {
        saver.save_tensor_name.partition(":")[0],
        saver.restore_op_name.partition(":")[0],
    }
    own: set[str] = set()
    others = set(graph.object_graph_def.concrete_functions)
    for gradient in graph.graph_def.library.gradient:
        others |= {gradient.function_name, gradient.gradient_func}
    for place, nodes in _bodies(graph.graph_def):
        for node in nodes:
            of_saver = place == "the graph" and node.name in entries
            (own if of_saver else others).update(_called(node))
    return own - others


def _called(node: Any) -> Iterator[str]:
    yield node.op
    for value in node.attr.values():
        for function in (value.func, *value.list.func):
            yield function.name
