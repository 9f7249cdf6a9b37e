"""Each library behind one function: padded ids and mask in, unit vectors out.

A library is imported only by its own maker, so that a worker's memory is that of its library.
`threads` is what one of the `lanes` may use; all lanes share one copy of the weights.
"""

import threading

import numpy as np


def sentence_transformers(folder, threads, batch=32):
    """Texts to embeddings, by the library's own batching at its default size."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(folder.path, device="cpu")
    return lambda texts: model.encode(
        texts, batch_size=batch, normalize_embeddings=True, show_progress_bar=False)


def torch_sdpa(folder, _, threads, lanes):
    """transformers' AutoModel with PyTorch's fused attention."""
    import torch
    from transformers import AutoModel

    torch.set_num_threads(threads // lanes)
    model = AutoModel.from_pretrained(
        folder.path, attn_implementation="sdpa", add_pooling_layer=False).eval()

    def run(ids, mask):
        with torch.inference_mode():
            mask = torch.from_numpy(mask)
            hidden = model(input_ids=torch.from_numpy(ids), attention_mask=mask).last_hidden_state
            real = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * real).sum(1) / real.sum(1)
            return torch.nn.functional.normalize(mean, dim=1).numpy()

    return run


def onnxruntime(_, path, threads, lanes):
    """ONNX Runtime on a graph that pools and normalises itself."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads // lanes
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def openvino(_, path, threads, lanes):
    """OpenVINO held to fp32, one stream and one request per lane."""
    import openvino as ov

    compiled = ov.Core().compile_model(f"{path}/model.xml", "CPU", {
        "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": lanes})
    own = threading.local()

    def run(ids, mask):
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        result = own.request.infer({"input_ids": ids, "attention_mask": mask})
        return np.array(result[compiled.output(0)])

    return run


def ctranslate2(_, path, threads, lanes, compute_type):
    """CTranslate2, which gives hidden states; mean and unit length are taken in numpy."""
    import ctranslate2 as ct2

    encoder = ct2.Encoder(
        path, device="cpu", compute_type=compute_type, intra_threads=threads // lanes,
        inter_threads=lanes)

    def run(ids, mask):
        lengths = mask.sum(1)
        hidden = np.array(encoder.forward_batch(
            ct2.StorageView.from_array(ids.astype(np.int32)),
            ct2.StorageView.from_array(lengths.astype(np.int32))).last_hidden_state)
        mean = np.matmul(mask[:, None, :].astype(np.float32), hidden)[:, 0] / lengths[:, None]
        return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)

    return run
