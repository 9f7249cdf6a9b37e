"""The encoder in the peers' own formats, made once and kept in a work folder.

  python -m workers.convert --model all-MiniLM-L6-v2 --work /tmp/peers --format onnx

  onnx           fp32 graph from PyTorch, with mean pooling and unit length inside
  onnx-fused     the same after onnxruntime.transformers' optimizer (fused attention, GELU, norms)
  onnx-int8      onnx-fused with dynamic quantisation of the matrix products, per channel
  openvino       OpenVINO's own format, fp32 weights
  ct2, ct2-int8  CTranslate2, fp32 and int8 weights

A format is written beside its final name and renamed, so that a broken run leaves none behind.
"""

import argparse
import os
import shutil
import sys

from workers.folder import ModelFolder

FORMATS = {
    "onnx": "model.onnx", "onnx-fused": "model-fused.onnx", "onnx-int8": "model-int8.onnx",
    "openvino": "openvino", "ct2": "ct2", "ct2-int8": "ct2-int8"}
SOURCES = {"onnx-fused": "onnx", "onnx-int8": "onnx-fused", "openvino": "onnx"}


def export_onnx(folder, target, _):
    """One graph from ids and mask to unit vectors, for any batch and length."""
    import torch
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        """The transformer, the mean over real tokens, and unit length."""

        def __init__(self):
            super().__init__()
            # Eager attention is the form the optimizers know how to fuse.
            self.bert = AutoModel.from_pretrained(folder.path, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask):
            mask = attention_mask.to(torch.float32)
            # The optimizer knows the mask as transformers itself widens it, and kinds of 0.
            kinds = torch.zeros_like(input_ids)
            hidden = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds)[0]
            mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
            return mean / torch.sqrt((mean * mean).sum(1, keepdim=True))

    ids = torch.randint(1000, 2000, (2, 9))
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        Pooled(), (ids, torch.ones_like(ids)), target, dynamo=False, opset_version=17,
        input_names=["input_ids", "attention_mask"], output_names=["embedding"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}})


def fuse_onnx(folder, target, source):
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    model = optimizer.optimize_model(
        source, model_type="bert", num_heads=folder.heads, hidden_size=folder.hidden, opt_level=1,
        optimization_options=FusionOptions("bert"), use_gpu=False)
    fused = model.get_fused_operator_statistics()
    print(f"convert: fused {fused}", file=sys.stderr)
    if not fused.get("Attention"):
        raise SystemExit(
            "convert: onnxruntime's optimizer fused no attention, so this is not its best: it must "
            "know the graph of the transformers version installed")
    model.save_model_to_file(target)


def quantize_onnx(_, target, source):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, per_channel=True, reduce_range=False, weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": 1, "MatMulConstBOnly": True})


def export_openvino(_, target, source):
    import openvino

    model = openvino.convert_model(source)
    openvino.save_model(model, os.path.join(target, "model.xml"), compress_to_fp16=False)


def export_ct2(folder, target, quantization):
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(folder.path).convert(target, quantization=quantization, force=True)


def make(name, folder, work):
    """Path of the format `name` in the work folder, converted now when it is not there yet."""
    path = os.path.join(work, FORMATS[name])
    if os.path.exists(path):
        return path
    source = make(SOURCES[name], folder, work) if name in SOURCES else None
    part = os.path.join(work, "part-" + FORMATS[name])
    shutil.rmtree(part, ignore_errors=True)
    makers = {
        "onnx": export_onnx, "onnx-fused": fuse_onnx, "onnx-int8": quantize_onnx,
        "openvino": export_openvino}
    if name.startswith("ct2"):
        export_ct2(folder, part, "int8" if name.endswith("int8") else "float32")
    else:
        makers[name](folder, part, source)
    os.rename(part, path)
    return path


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="sentence-transformers folder")
    parser.add_argument("--work", required=True, help="where the formats are kept")
    parser.add_argument("--format", required=True, choices=FORMATS)
    args = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.makedirs(args.work, exist_ok=True)
    print(make(args.format, ModelFolder(args.model), os.path.abspath(args.work)))


if __name__ == "__main__":
    main()
