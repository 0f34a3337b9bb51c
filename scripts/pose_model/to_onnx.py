"""Convert a TFLite graph to ONNX: channels first, only what the wanted outputs need, any batch size.

Weights keep the width they have in the source (float16 here): each is followed by a Cast that ONNX Runtime folds when
the session is built, so the file is half the size and the arithmetic is float32. Explicit zero padding is folded into
the convolution behind it. The input is the crop as bytes (N, H, W, 3); scaling and transposing are part of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

from pose_model.tflite_graph import Array, Operator, TfliteGraph, UnsupportedModel

OPSET = 17
IR_VERSION = 8
CROPS = "crops"
_NO_PAD = (0, 0, 0, 0)


def convert(
    graph: TfliteGraph, *, outputs: Mapping[str, int], value_range: tuple[float, float], name: str, doc: str
) -> onnx.ModelProto:
    """Build the ONNX model whose outputs (by new name) are the TFLite tensors given by number.

    `value_range` is what bytes 0 and 255 become. Outputs of rank 4 come channels first, all others as in TFLite.
    """
    return _Converter(graph, outputs, value_range).build(name, doc)


class _Converter:
    def __init__(self, graph: TfliteGraph, outputs: Mapping[str, int], value_range: tuple[float, float]) -> None:
        self._graph = graph
        self._outputs = outputs
        self._value_range = value_range
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._renamed = {tensor: name for name, tensor in outputs.items()}
        # Zero padding waiting for its convolution: padded tensor -> (source tensor, top, left, bottom, right).
        self._padded: dict[int, tuple[int, tuple[int, int, int, int]]] = {}
        self._convert: dict[str, Callable[[Operator], None]] = {
            "CONV_2D": self._conv,
            "DEPTHWISE_CONV_2D": self._depthwise,
            "ADD": self._add,
            "PAD": self._pad,
            "MAX_POOL_2D": self._max_pool,
            "RESIZE_BILINEAR": self._resize,
            "RESHAPE": self._reshape,
            "LOGISTIC": self._sigmoid,
            "DEPTH_TO_SPACE": self._depth_to_space,
            "CONCATENATION": self._concat,
        }

    def build(self, name: str, doc: str) -> onnx.ModelProto:
        self._preprocess()
        for operator in _needed(self._graph, self._outputs.values()):
            if operator.kind not in self._convert:
                raise UnsupportedModel(f"operator {operator.kind}")
            self._convert[operator.kind](operator)
        _, height, width, channels = self._graph.shapes[self._graph.inputs[0]]
        model = helper.make_model(
            helper.make_graph(
                self._nodes,
                name,
                [helper.make_tensor_value_info(CROPS, TensorProto.UINT8, ["batch", height, width, channels])],
                [
                    helper.make_tensor_value_info(label, TensorProto.FLOAT, ["batch", *self._onnx_shape(tensor)[1:]])
                    for label, tensor in self._outputs.items()
                ],
                list(self._initializers.values()),
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="soleus",
            doc_string=doc,
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    # --- names and constants

    def _name(self, tensor: int) -> str:
        return self._renamed.get(tensor, f"t{tensor}")

    def _onnx_shape(self, tensor: int) -> tuple[int, ...]:
        shape = self._graph.shapes[tensor]
        return (shape[0], shape[3], shape[1], shape[2]) if len(shape) == 4 else shape

    def _constant(self, name: str, values: Array) -> str:
        """Store `values`; floats are stored as they are and cast to float32 by a node."""
        stored = name if values.dtype != np.float16 else f"{name}_half"
        self._initializers[stored] = numpy_helper.from_array(np.ascontiguousarray(values), stored)
        if stored != name:
            self._nodes.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
        return name

    def _emit(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))

    def _activated(self, kind: str, inputs: Sequence[str], tensor: int, activation: int, **attributes: Any) -> None:
        """Emit a node and the activation TFLite fused into it."""
        output = self._name(tensor)
        if activation == tflite.ActivationFunctionType.NONE:
            self._emit(kind, inputs, output, **attributes)
            return
        self._emit(kind, inputs, f"{output}_linear", **attributes)
        if activation == tflite.ActivationFunctionType.RELU:
            self._emit("Relu", [f"{output}_linear"], output)
        elif activation == tflite.ActivationFunctionType.RELU6:
            zero = self._constant("zero", np.array(0, np.float32))
            six = self._constant("six", np.array(6, np.float32))
            self._emit("Clip", [f"{output}_linear", zero, six], output)
        else:
            raise UnsupportedModel(f"activation {activation}")

    # --- operators

    def _preprocess(self) -> None:
        low, high = self._value_range
        scale = self._constant("input_scale", np.array((high - low) / 255, np.float32))
        self._emit("Cast", [CROPS], "crops_float", to=TensorProto.FLOAT)
        self._emit("Transpose", ["crops_float"], "crops_planes", perm=[0, 3, 1, 2])
        source = self._name(self._graph.inputs[0])
        if low == 0:
            self._emit("Mul", ["crops_planes", scale], source)
            return
        offset = self._constant("input_offset", np.array(low, np.float32))
        self._emit("Mul", ["crops_planes", scale], "crops_scaled")
        self._emit("Add", ["crops_scaled", offset], source)

    def _conv(self, operator: Operator) -> None:
        kernel = self._graph.constants[operator.inputs[1]].transpose(0, 3, 1, 2)
        self._convolve(operator, kernel, group=1)

    def _depthwise(self, operator: Operator) -> None:
        if operator.options.DepthMultiplier() != 1:
            raise UnsupportedModel("depthwise convolution with a depth multiplier")
        kernel = self._graph.constants[operator.inputs[1]].transpose(3, 0, 1, 2)
        self._convolve(operator, kernel, group=kernel.shape[0])

    def _convolve(self, operator: Operator, kernel: Array, *, group: int) -> None:
        options, target = operator.options, operator.outputs[0]
        if options.DilationHFactor() != 1 or options.DilationWFactor() != 1:
            raise UnsupportedModel("dilated convolution")
        source, pads = self._padded.get(operator.inputs[0], (operator.inputs[0], _NO_PAD))
        strides = (options.StrideH(), options.StrideW())
        if options.Padding() == tflite.Padding.SAME:
            same = _same_padding(self._graph.shapes[operator.inputs[0]][1:3], kernel.shape[2:], strides)
            pads = (pads[0] + same[0], pads[1] + same[1], pads[2] + same[2], pads[3] + same[3])
        inputs = [self._name(source), self._constant(f"w{target}", kernel)]
        if len(operator.inputs) > 2:
            inputs.append(self._constant(f"b{target}", self._graph.constants[operator.inputs[2]]))
        self._activated(
            "Conv",
            inputs,
            target,
            options.FusedActivationFunction(),
            kernel_shape=list(kernel.shape[2:]),
            strides=list(strides),
            pads=list(pads),
            group=group,
        )

    def _add(self, operator: Operator) -> None:
        names = [self._name(i) for i in operator.inputs]
        self._activated("Add", names, operator.outputs[0], operator.options.FusedActivationFunction())

    def _pad(self, operator: Operator) -> None:
        source, target = operator.inputs[0], operator.outputs[0]
        before_after = self._graph.constants[operator.inputs[1]]
        (top, bottom), (left, right), channels = before_after[1], before_after[2], before_after[3]
        users = [user for user in self._graph.operators if target in user.inputs]
        if not channels.any() and all(user.kind in {"CONV_2D", "DEPTHWISE_CONV_2D"} for user in users):
            self._padded[target] = (source, (int(top), int(left), int(bottom), int(right)))
            return
        starts, ends = ((0, int(channels[k]), int((top, bottom)[k]), int((left, right)[k])) for k in (0, 1))
        pads = self._constant(f"pads{target}", np.array(starts + ends, np.int64))
        self._emit("Pad", [self._name(source), pads], self._name(target))

    def _max_pool(self, operator: Operator) -> None:
        options = operator.options
        kernel = (options.FilterHeight(), options.FilterWidth())
        strides = (options.StrideH(), options.StrideW())
        same = options.Padding() == tflite.Padding.SAME
        pads = _same_padding(self._graph.shapes[operator.inputs[0]][1:3], kernel, strides) if same else _NO_PAD
        self._activated(
            "MaxPool",
            [self._name(operator.inputs[0])],
            operator.outputs[0],
            options.FusedActivationFunction(),
            kernel_shape=list(kernel),
            strides=list(strides),
            pads=list(pads),
        )

    def _resize(self, operator: Operator) -> None:
        if operator.options.AlignCorners() or not operator.options.HalfPixelCenters():
            raise UnsupportedModel("bilinear resize other than with half-pixel centres")
        before, after = (self._graph.shapes[i] for i in (operator.inputs[0], operator.outputs[0]))
        scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
        self._emit(
            "Resize",
            [self._name(operator.inputs[0]), "", self._constant(f"scales{operator.outputs[0]}", scales)],
            self._name(operator.outputs[0]),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def _reshape(self, operator: Operator) -> None:
        source, target = operator.inputs[0], operator.outputs[0]
        name = self._name(source)
        if len(self._graph.shapes[source]) == 4 and max(self._graph.shapes[source][1:3]) > 1:
            self._emit("Transpose", [name], f"{name}_last", perm=[0, 2, 3, 1])
            name = f"{name}_last"
        # 0 keeps the batch size of the input.
        shape = self._constant(f"shape{target}", np.array((0, *self._graph.shapes[target][1:]), np.int64))
        self._emit("Reshape", [name, shape], self._name(target))

    def _sigmoid(self, operator: Operator) -> None:
        self._emit("Sigmoid", [self._name(operator.inputs[0])], self._name(operator.outputs[0]))

    def _depth_to_space(self, operator: Operator) -> None:
        names = self._name(operator.inputs[0]), self._name(operator.outputs[0])
        self._emit("DepthToSpace", names[:1], names[1], blocksize=operator.options.BlockSize(), mode="DCR")

    def _concat(self, operator: Operator) -> None:
        if any(len(self._graph.shapes[i]) == 4 for i in operator.inputs):
            raise UnsupportedModel("concatenation of images")
        names = [self._name(i) for i in operator.inputs]
        self._emit("Concat", names, self._name(operator.outputs[0]), axis=operator.options.Axis())


def _needed(graph: TfliteGraph, outputs: Iterable[int]) -> list[Operator]:
    """Operators the outputs depend on, in the order of the file."""
    wanted = set(outputs)
    kept: list[Operator] = []
    for operator in reversed(graph.operators):
        if wanted.intersection(operator.outputs):
            wanted.update(operator.inputs)
            kept.append(operator)
    return kept[::-1]


def _same_padding(size: Sequence[int], kernel: Sequence[int], strides: Sequence[int]) -> tuple[int, int, int, int]:
    """TensorFlow's SAME padding as (top, left, bottom, right): the odd pixel goes to the bottom and right."""
    totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, strides, strict=True)]
    (top, left), (bottom, right) = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return top, left, bottom, right
