"""Safetensors files of float32: reading them, and encoders of other weights."""

import json
import os
import shutil

import numpy as np


def header(file):
    """The tensors by name, each `{"dtype", "shape", "data_offsets"}`; `file` is left at the data."""
    found = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    found.pop("__metadata__", None)
    assert all(tensor["dtype"] == "F32" for tensor in found.values()), "not only float32"
    return found


def read_tensors(path):
    """Arrays by name."""
    with open(path, "rb") as file:
        found = header(file)
        data = file.read()
    return {
        name: np.frombuffer(data[slice(*tensor["data_offsets"])], "<f4").reshape(tensor["shape"])
        for name, tensor in found.items()}


def with_weights(encoder, weights, out):
    """A copy of an encoder's folder with other values of the tensors that `weights` names."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(encoder, out)
    with open(os.path.join(out, "model.safetensors"), "r+b") as file:
        found = header(file)
        data = file.tell()
        for name, values in weights.items():
            first, end = found[name]["data_offsets"]
            assert values.nbytes == end - first, f"{name} is of another size"
            file.seek(data + first)
            file.write(np.ascontiguousarray(values, "<f4").tobytes())
    return out
