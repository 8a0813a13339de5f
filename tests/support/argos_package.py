"""Builds a small but real Argos package: a trained tokenizer and a CTranslate2 transformer with fixed random weights.

Its translations mean nothing; that they equal what argostranslate itself makes of the same package means much.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORDS = ["where is my parcel", "the parcel is late", "please refund my order", "thank you", "order and parcel"] * 20
SIZE, INNER = 8, 16


def make_package(folder: Path, source: str = "ja", target: str = "en") -> Path:
    """Write the package to `folder` and return it."""
    import sentencepiece  # type: ignore[import-untyped,unused-ignore]

    (folder / "model").mkdir(parents=True)
    names = {"from_code": source, "from_name": source, "to_code": target, "to_name": target}
    (folder / "metadata.json").write_text(json.dumps({"package_version": "1.0", "argos_version": "1.5", **names}))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(WORDS), model_prefix=str(folder / "sentencepiece"), vocab_size=40,
        hard_vocab_limit=False, minloglevel=2)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    special = ["<unk>", "<s>", "</s>"]
    known = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    _model([*special, *(piece for piece in known if piece not in special)], folder / "model")
    return folder


def _model(vocabulary: list[str], folder: Path) -> None:
    import numpy
    from ctranslate2.specs import TransformerSpec  # type: ignore[import-untyped,unused-ignore]

    random = numpy.random.default_rng(7)

    def weights(rows: int, columns: int) -> Any:
        return random.standard_normal((rows, columns), dtype=numpy.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = weights(rows, columns), numpy.zeros(rows, numpy.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = numpy.ones(SIZE, numpy.float32), numpy.zeros(SIZE, numpy.float32)

    def block(layer: Any, shapes: tuple[int, ...]) -> None:
        norm(layer.layer_norm)
        for part, rows in zip(layer.linear, shapes, strict=True):
            linear(part, rows, SIZE)

    def feed_forward(layer: Any) -> None:
        norm(layer.layer_norm)
        linear(layer.linear_0, INNER, SIZE)
        linear(layer.linear_1, SIZE, INNER)

    spec = TransformerSpec.from_config(1, 2)
    for part in (spec.encoder, spec.decoder):
        norm(part.layer_norm)
        block(part.layer[0].self_attention, (3 * SIZE, SIZE))
        feed_forward(part.layer[0].ffn)
    block(spec.decoder.layer[0].attention, (SIZE, 2 * SIZE, SIZE))
    spec.encoder.embeddings[0].weight = weights(len(vocabulary), SIZE)
    spec.decoder.embeddings.weight = weights(len(vocabulary), SIZE)
    linear(spec.decoder.projection, len(vocabulary), SIZE)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.save(str(folder))
