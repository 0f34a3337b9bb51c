"""A TFLite file as plain data: tensors with their constant values, and operators with the options we convert.

Constants held as float16 stay float16; sparse ones are made dense; DEQUANTIZE and DENSIFY of constants vanish here.
Layout of the schema: tensorflow/lite/schema/schema.fbs (read through the `tflite` package).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite

Array = np.ndarray[Any, np.dtype[Any]]

_DTYPES: dict[int, np.dtype[Any]] = {
    tflite.TensorType.FLOAT32: np.dtype("<f4"),
    tflite.TensorType.FLOAT16: np.dtype("<f2"),
    tflite.TensorType.INT32: np.dtype("<i4"),
}
_SPARSE_INDEX = {1: (tflite.Int32Vector, "<i4"), 2: (tflite.Uint16Vector, "<u2"), 3: (tflite.Uint8Vector, "u1")}
_OPERATOR_NAMES = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
_OPTIONS = {
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
    "ADD": tflite.AddOptions,
    "MAX_POOL_2D": tflite.Pool2DOptions,
    "RESIZE_BILINEAR": tflite.ResizeBilinearOptions,
    "DEPTH_TO_SPACE": tflite.DepthToSpaceOptions,
    "CONCATENATION": tflite.ConcatenationOptions,
}


class UnsupportedModel(Exception):
    """The file uses something this reader or the converter does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One computing operator; `options` is the schema's own option table (None where the operator has none)."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteGraph:
    """The single subgraph of a TFLite file. `shapes` are in TFLite's order (batch, height, width, channel)."""

    shapes: dict[int, tuple[int, ...]]
    constants: dict[int, Array]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(data: bytes) -> TfliteGraph:
    """Read a TFLite file with one subgraph."""
    model = tflite.Model.GetRootAsModel(data, 0)
    if model.SubgraphsLength() != 1:
        raise UnsupportedModel(f"{model.SubgraphsLength()} subgraphs, expected one")
    graph = model.Subgraphs(0)
    shapes: dict[int, tuple[int, ...]] = {}
    constants: dict[int, Array] = {}
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        shapes[index] = tuple(int(n) for n in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
        if model.Buffers(tensor.Buffer()).DataLength():
            constants[index] = _read_constant(model, tensor, shapes[index])
    operators: list[Operator] = []
    for index in range(graph.OperatorsLength()):
        operator = _read_operator(model, graph.Operators(index))
        if operator.kind in {"DEQUANTIZE", "DENSIFY"} and operator.inputs[0] in constants:
            constants[operator.outputs[0]] = constants[operator.inputs[0]]
            continue
        operators.append(operator)
    return TfliteGraph(
        shapes=shapes,
        constants=constants,
        operators=tuple(operators),
        inputs=tuple(int(i) for i in graph.InputsAsNumpy()),
        outputs=tuple(int(i) for i in graph.OutputsAsNumpy()),
    )


def _read_operator(model: Any, operator: Any) -> Operator:
    code = model.OperatorCodes(operator.OpcodeIndex())
    # Old files keep the operator's number in the deprecated byte and leave the new field 0.
    kind = _OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    options = None
    if kind in _OPTIONS:
        table = operator.BuiltinOptions()
        options = _OPTIONS[kind]()
        options.Init(table.Bytes, table.Pos)
    return Operator(
        kind=kind,
        inputs=tuple(int(i) for i in operator.InputsAsNumpy()),
        outputs=tuple(int(i) for i in operator.OutputsAsNumpy()),
        options=options,
    )


def _read_constant(model: Any, tensor: Any, shape: tuple[int, ...]) -> Array:
    dtype = _DTYPES.get(tensor.Type())
    if dtype is None:
        raise UnsupportedModel(f"constant of tensor type {tensor.Type()}")
    values = np.frombuffer(model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes(), dtype)
    sparsity = tensor.Sparsity()
    return values.reshape(shape) if sparsity is None else _dense(values, sparsity, shape)


def _dense(values: Array, sparsity: Any, shape: tuple[int, ...]) -> Array:
    """Unpack a tensor whose last dimension is stored as compressed rows and the others densely, in order."""
    last = len(shape) - 1
    order = tuple(int(n) for n in sparsity.TraversalOrderAsNumpy())
    formats = tuple(sparsity.DimMetadata(i).Format() for i in range(sparsity.DimMetadataLength()))
    if order != tuple(range(len(shape))) or sparsity.BlockMapLength() or formats != (0,) * last + (1,):
        raise UnsupportedModel(f"sparse constant in order {order}, formats {formats}")
    rows = sparsity.DimMetadata(last)
    starts = _sparse_index(rows.ArraySegmentsType(), rows.ArraySegments())
    columns = _sparse_index(rows.ArrayIndicesType(), rows.ArrayIndices())
    dense = np.zeros((int(np.prod(shape[:-1])), shape[-1]), values.dtype)
    row_of_value = np.repeat(np.arange(len(dense)), np.diff(starts))
    dense[row_of_value, columns] = values
    return dense.reshape(shape)


def _sparse_index(kind: int, table: Any) -> Array:
    vector_type, dtype = _SPARSE_INDEX[kind]
    vector = vector_type()
    vector.Init(table.Bytes, table.Pos)
    return np.asarray(vector.ValuesAsNumpy()).view(dtype).astype(np.int64)
