"""Closings of letters, which small models translate word by word into nonsense ("Best Greed").

A line that is only a closing becomes the other language's usual one. The first of each language is what we write.
"""

from __future__ import annotations

_CLOSINGS: dict[str, tuple[str, ...]] = {
    "en": ("Best regards", "Kind regards", "Warm regards", "Regards", "Sincerely", "Yours sincerely", "Best wishes"),
    "pt": ("Atenciosamente", "Melhores cumprimentos", "Com os melhores cumprimentos", "Cordialmente", "Abraços", "Att"),
    "es": ("Saludos cordiales", "Un cordial saludo", "Un saludo", "Saludos", "Atentamente"),
    "de": ("Mit freundlichen Grüßen", "Freundliche Grüße", "Viele Grüße", "Beste Grüße", "MfG"),
    "fr": ("Cordialement", "Bien cordialement", "Salutations distinguées"),
    "it": ("Cordiali saluti", "Distinti saluti", "Saluti"),
    "nl": ("Met vriendelijke groet", "Vriendelijke groet", "Groeten"),
    "pl": ("Z poważaniem", "Pozdrawiam"),
    "tr": ("Saygılarımla", "İyi günler"),
    "ja": ("よろしくお願いいたします", "よろしくお願いします", "敬具"),
    "zh": ("此致敬礼", "祝好"),
    "ar": ("مع أطيب التحيات", "تحياتي"),
}
_END = " \t,.!;。，、！،"


def closing(line: str, source: str, target: str) -> str | None:
    """The closing `line` in `target` with its own punctuation, None when it is none that both languages know."""
    words = line.rstrip(_END)
    known = {each.casefold() for each in _CLOSINGS.get(source, ())}
    if target not in _CLOSINGS or words.casefold() not in known:
        return None
    return _CLOSINGS[target][0] + line[len(words):]
