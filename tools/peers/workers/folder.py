"""What a sentence-transformers folder says of its model, read without any of the libraries."""

import json
import os


class ModelFolder:
    """Path, maximum length and tokenizer of an encoder with mean pooling and unit-length output.

  Every peer but sentence-transformers gets pooling and normalisation from the programs here, which
  know only these two; a folder that wants others is refused.
  """

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.maximum_length = self._json("sentence_bert_config.json")["max_seq_length"]
        kinds = [module["type"].rsplit(".", 1)[-1] for module in self._json("modules.json")]
        if kinds != ["Transformer", "Pooling", "Normalize"]:
            raise SystemExit(
                f"{path}: modules {kinds}; the peers know Transformer, Pooling, Normalize")
        pooling = self._json(os.path.join("1_Pooling", "config.json"))
        modes = [key for key in pooling if key.startswith("pooling_mode") and pooling[key] is True]
        if modes != ["pooling_mode_mean_tokens"]:
            raise SystemExit(f"{path}: pooling {modes}; the peers know pooling_mode_mean_tokens")
        self.heads = self._json("config.json")["num_attention_heads"]
        self.hidden = self._json("config.json")["hidden_size"]

    def _json(self, name):
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return json.load(file)

    def tokenizer(self, maximum_length=None):
        """The folder's tokenizer: truncating, not padding."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(os.path.join(self.path, "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(maximum_length or self.maximum_length)
        return tokenizer
