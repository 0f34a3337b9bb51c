"""The converter of scripts/pose_model, operator by operator, against plain NumPy in TFLite's own layout."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
tflite = pytest.importorskip("tflite")

SCRIPTS = Path(__file__).parents[3] / "scripts"
SIZE = 6
CHANNELS = 4


@pytest.fixture(autouse=True)
def scripts_on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "pose_model"]:
        del sys.modules[name]


def options(**values: int) -> SimpleNamespace:
    """An option table of the schema: every field is a method."""
    return SimpleNamespace(**{name: (lambda value=value: value) for name, value in values.items()})


CONV = {"StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1, "DepthMultiplier": 1}
NONE, RELU6 = tflite.ActivationFunctionType.NONE, tflite.ActivationFunctionType.RELU6
SAME, VALID = tflite.Padding.SAME, tflite.Padding.VALID


def run(
    operators: list[tuple[str, tuple[int, ...], tuple[int, ...], Any]],
    constants: dict[int, np.ndarray],
    shapes: dict[int, tuple[int, ...]],
    crops: np.ndarray,
    value_range: tuple[float, float] = (0.0, 255.0),
) -> np.ndarray:
    """Convert a small graph (input 0, output the last operator's) and run it."""
    import onnxruntime

    from pose_model.tflite_graph import Operator, TfliteGraph
    from pose_model.to_onnx import convert

    graph = TfliteGraph(
        shapes={0: (1, *crops.shape[1:]), **shapes} | {i: c.shape for i, c in constants.items()},
        constants=constants,
        operators=tuple(Operator(kind=k, inputs=i, outputs=o, options=p) for k, i, o, p in operators),
        inputs=(0,),
        outputs=operators[-1][2],
    )
    model = convert(graph, outputs={"y": graph.outputs[0]}, value_range=value_range, name="g", doc="")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {"crops": crops})
    return result.transpose(0, 2, 3, 1) if result.ndim == 4 else result


@pytest.fixture
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 9, (2, SIZE, SIZE, CHANNELS), np.uint8)


def convolved(x: np.ndarray, kernel: np.ndarray, stride: int, pads: tuple[int, int]) -> np.ndarray:
    """Convolution of (N, H, W, C) with (O, k, k, C), padded before and after."""
    x = np.pad(x.astype(float), ((0, 0), pads, pads, (0, 0)))
    size = kernel.shape[1]
    steps = range(0, x.shape[1] - size + 1, stride)
    rows = [
        [np.einsum("nijc,oijc->no", x[:, i : i + size, j : j + size], kernel.astype(float)) for j in steps]
        for i in steps
    ]
    return np.array(rows).transpose(2, 0, 1, 3)


@pytest.mark.parametrize(
    ("size", "stride", "padding", "pads", "out"),
    [(3, 1, SAME, (1, 1), 6), (3, 2, SAME, (0, 1), 3), (5, 2, SAME, (1, 2), 3), (2, 1, VALID, (0, 0), 5)],
)
def test_convolution_with_tensorflow_padding(
    crops: np.ndarray, size: int, stride: int, padding: int, pads: tuple[int, int], out: int
) -> None:
    """TensorFlow puts the odd row of padding at the end; ONNX has no word for that but explicit numbers."""
    rng = np.random.default_rng(1)
    kernel = rng.normal(0, 0.1, (3, size, size, CHANNELS)).astype(np.float16)
    bias = rng.normal(0, 1, 3).astype(np.float16)
    table = options(**CONV | {"StrideH": stride, "StrideW": stride}, Padding=padding, FusedActivationFunction=RELU6)
    got = run([("CONV_2D", (0, 1, 2), (3,), table)], {1: kernel, 2: bias}, {3: (1, out, out, 3)}, crops)
    expected = np.clip(convolved(crops, kernel, stride, pads) + bias.astype(float), 0, 6)
    assert got == pytest.approx(expected, abs=1e-4)


def test_explicit_padding_is_folded_into_the_depthwise_convolution_behind_it(crops: np.ndarray) -> None:
    kernel = np.random.default_rng(2).normal(0, 0.3, (1, 3, 3, CHANNELS)).astype(np.float32)
    edges = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
    table = options(**CONV | {"StrideH": 2, "StrideW": 2}, Padding=VALID, FusedActivationFunction=NONE)
    got = run(
        [("PAD", (0, 1), (2,), None), ("DEPTHWISE_CONV_2D", (2, 3), (4,), table)],
        {1: edges, 3: kernel},
        {2: (1, 8, 8, CHANNELS), 4: (1, 3, 3, CHANNELS)},
        crops,
    )
    each = [convolved(crops[..., c : c + 1], kernel[..., c : c + 1], 2, (1, 1))[..., 0] for c in range(CHANNELS)]
    assert got == pytest.approx(np.stack(each, axis=-1), abs=1e-4)


def test_padding_of_channels_and_addition(crops: np.ndarray) -> None:
    more = np.array([[0, 0], [0, 0], [0, 0], [0, 2]], np.int32)
    add = options(FusedActivationFunction=RELU6)
    shape = (1, SIZE, SIZE, CHANNELS + 2)
    got = run([("PAD", (0, 1), (2,), None), ("ADD", (2, 2), (3,), add)], {1: more}, {2: shape, 3: shape}, crops)
    assert got == pytest.approx(np.minimum(2.0 * np.pad(crops, ((0, 0), (0, 0), (0, 0), (0, 2))), 6))


def test_pooling_resizing_and_depth_to_space(crops: np.ndarray) -> None:
    pool = options(FilterHeight=2, FilterWidth=2, StrideH=2, StrideW=2, Padding=SAME, FusedActivationFunction=NONE)
    got = run([("MAX_POOL_2D", (0,), (1,), pool)], {}, {1: (1, 3, 3, CHANNELS)}, crops)
    blocks = crops.reshape(2, 3, 2, 3, 2, CHANNELS)
    assert got == pytest.approx(blocks.max(axis=(2, 4)).astype(float))

    got = run([("DEPTH_TO_SPACE", (0,), (1,), options(BlockSize=2))], {}, {1: (1, 12, 12, 1)}, crops)
    expected = crops.reshape(2, SIZE, SIZE, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(2, 12, 12, 1)
    assert got == pytest.approx(expected.astype(float))

    larger = options(AlignCorners=0, HalfPixelCenters=1)
    got = run([("RESIZE_BILINEAR", (0,), (1,), larger)], {}, {1: (1, 12, 12, CHANNELS)}, crops)
    at = np.clip((np.arange(12) + 0.5) / 2 - 0.5, 0, SIZE - 1)
    low = np.minimum(at.astype(int), SIZE - 2)
    share = (at - low)[:, None]
    rows = crops[:, low] * (1 - share[:, None]) + crops[:, low + 1] * share[:, None]
    expected = rows[:, :, low] * (1 - share) + rows[:, :, low + 1] * share
    assert got == pytest.approx(expected, abs=1e-4)


def test_a_reshape_keeps_tensorflows_order_and_any_number_of_crops(crops: np.ndarray) -> None:
    shape = np.array([1, 36, 4], np.int32)
    join = options(Axis=1)
    got = run(
        [
            ("RESHAPE", (0, 1), (2,), None),
            ("LOGISTIC", (2,), (3,), None),
            ("CONCATENATION", (3, 2), (4,), join),
        ],
        {1: shape},
        {2: (1, 36, 4), 3: (1, 36, 4), 4: (1, 72, 4)},
        crops,
    )
    flat = crops.reshape(2, 36, 4).astype(float)
    assert got == pytest.approx(np.concatenate([1 / (1 + np.exp(-flat)), flat], axis=1), abs=1e-5)


def test_bytes_become_the_range_the_network_was_trained_with(crops: np.ndarray) -> None:
    add = options(FusedActivationFunction=NONE)
    shape = (1, SIZE, SIZE, CHANNELS)
    for low, high in ((0.0, 1.0), (-1.0, 1.0)):
        got = run([("ADD", (0, 0), (1,), add)], {}, {1: shape}, crops, value_range=(low, high))
        assert got == pytest.approx(2 * (low + crops / 255 * (high - low)), abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "inputs", "table"),
    [
        ("SOFTMAX", (0,), None),
        ("ADD", (0, 0), {"FusedActivationFunction": tflite.ActivationFunctionType.TANH}),
        ("RESIZE_BILINEAR", (0,), {"AlignCorners": 1, "HalfPixelCenters": 0}),
        ("CONCATENATION", (0, 0), {"Axis": 3}),
        ("DEPTHWISE_CONV_2D", (0, 1), CONV | {"DepthMultiplier": 2}),
        ("CONV_2D", (0, 1), CONV | {"DilationHFactor": 2}),
    ],
)
def test_what_is_not_known_is_refused(crops: np.ndarray, kind: str, inputs: tuple[int, ...], table: Any) -> None:
    from pose_model.tflite_graph import UnsupportedModel

    shape = (1, SIZE, SIZE, CHANNELS)
    with pytest.raises(UnsupportedModel):
        run(
            [(kind, inputs, (2,), options(**table) if table else None)],
            {1: np.zeros((1, 3, 3, CHANNELS), np.float32)},
            {2: shape},
            crops,
        )


def test_operators_nothing_asks_for_are_left_out(crops: np.ndarray) -> None:
    """The head for segmentation holds most of the arithmetic; an unknown operator there must not matter either."""
    add = options(FusedActivationFunction=NONE)
    shape = (1, SIZE, SIZE, CHANNELS)
    got = run([("SOFTMAX", (0,), (5,), None), ("ADD", (0, 0), (1,), add)], {}, {1: shape, 5: shape}, crops)
    assert got == pytest.approx(2.0 * crops)


class Dimension:
    """One dimension of a sparse tensor's description: dense (0) or compressed (1)."""

    def __init__(self, kind: int, starts: tuple[int, ...] = (), columns: tuple[int, ...] = ()) -> None:
        self.Format = lambda: kind
        self.ArraySegmentsType = self.ArrayIndicesType = lambda: 2
        self.ArraySegments = lambda: starts
        self.ArrayIndices = lambda: columns


def sparsity(*dimensions: Dimension, order: tuple[int, ...] = (0, 1)) -> SimpleNamespace:
    return SimpleNamespace(
        TraversalOrderAsNumpy=lambda: np.array(order),
        DimMetadataLength=lambda: len(dimensions),
        DimMetadata=lambda i: dimensions[i],
        BlockMapLength=lambda: 0,
    )


def test_sparse_weights_become_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    from pose_model import tflite_graph

    monkeypatch.setattr(tflite_graph, "_sparse_index", lambda kind, values: np.array(values))
    rows = Dimension(1, starts=(0, 2, 2, 3), columns=(0, 3, 1))
    dense = tflite_graph._dense(np.array([5, 6, 7]), sparsity(Dimension(0), rows), (3, 4))
    assert dense.tolist() == [[5, 0, 0, 6], [0, 0, 0, 0], [0, 7, 0, 0]]
    with pytest.raises(tflite_graph.UnsupportedModel, match="sparse constant"):
        tflite_graph._dense(np.zeros(3), sparsity(rows, rows), (3, 4))
    with pytest.raises(tflite_graph.UnsupportedModel, match="sparse constant"):
        tflite_graph._dense(np.zeros(3), sparsity(Dimension(0), rows, order=(1, 0)), (3, 4))


def test_a_package_with_other_files_is_refused(tmp_path: Path) -> None:
    import tarfile

    from pose_model.fetch import MEMBERS, WrongSource, read_members

    for name, content in ((next(iter(MEMBERS)), b"something else"), ("readme", b"")):
        tarball = tmp_path / f"{name}.tgz"
        (tmp_path / "member").write_bytes(content)
        with tarfile.open(tarball, "w:gz") as archive:
            archive.add(tmp_path / "member", f"package/{name}")
        with pytest.raises(WrongSource, match=r"not the reviewed file|has no"):
            read_members(tarball)


def test_without_npm_set_up_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pose_model import __main__ as entry

    monkeypatch.setattr(entry, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(entry, "WEIGHTS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert entry.main([]) == 0
    said = capsys.readouterr().err
    assert "npm is not installed" in said
    assert "Soleus works without it" in said
    assert list(tmp_path.iterdir()) == []


def test_what_is_installed_is_what_this_recipe_makes() -> None:
    from pose_model.__main__ import installed, recipe
    from soleus.vision.pose import runtime

    if not runtime.MANIFEST.is_file():
        pytest.skip("the pose network is not installed (make setup)")
    assert runtime.load_manifest()["recipe"] == recipe(), "run scripts/install_pose_model.sh"
    assert installed()
