"""The new part of a mail and the history under it. Nothing is dropped: every line is in one of the two.

Mail programs mark history in three ways: lines that begin with ">", usually under a line that says who wrote when
(`ATTRIBUTIONS`); a ruled heading such as "-----Original Message-----" (`HEADINGS`); or a block that repeats the old
header ("From: … Sent: … To: …"). Marketplace relays put the buyer's words between two ruled lines.
"""

from __future__ import annotations

import re

MAX_LINE = 1_000          # longer lines are never attribution lines
MAX_HEADING = 160         # nor longer ones headings or old header fields
_WRAPPED = 3              # an attribution line may be broken over so many lines

# How programs say "on that day that person wrote", by language. Matched against up to three lines joined by a space.
ATTRIBUTIONS = (
    r"(?:on|at)\b.{5,400}\b(?:wrote|said)\s*:",                           # English
    r"(?:em|no dia|na|a|à)\b.{5,400}\bescreveu\s*:?",                      # Portuguese
    r"(?:el|en|a)\b.{5,400}\bescribi[oó]\s*:?",                            # Spanish
    r"(?:am|um)\b.{5,400}\bschrieb(?:en)?\b.{0,200}:",                     # German
    r"le\b.{5,400}\ba [ée]crit\s*:",                                      # French
    r"(?:il|in data|il giorno)\b.{5,400}\bha scritto\s*:",                 # Italian
    r"op\b.{5,400}\b(?:schreef|geschreven)\b.{0,200}:",                    # Dutch
    r"(?:w dniu|dnia)\b.{5,400}\bnapisa[łl](?:\(a\)|a)?\s*:",              # Polish
    r"(?:den|på)\b.{5,400}\b(?:skrev|kirjoitti)\b.{0,200}:",               # Swedish, Norwegian, Danish
    r"\d{4}\s*[年/.-].{3,400}(?:のメール|書きました|wrote|<[^<>]+@[^<>]+>)\s*[：:]",   # Japanese
    r".{2,200}さん(?:は|が).{0,200}書きました\s*[：:]?",
    r"(?:在|于)?\s*\d{4}\s*[年/.-].{2,400}(?:写道|寫道|写到|写信说)\s*[：:]",     # Chinese
    r"(?:在|于|發件人|发件人).{2,400}(?:写道|寫道|写到)\s*[：:]",
    r".{1,200}[于於]\s*\d{4}\s*[年/.-].{2,100}(?:写道|寫道|写到)\s*[：:]",
    r"(?:في|بتاريخ|يوم)\s.{5,400}(?:كتب|كتبت|كتبه).{0,200}[:：]",            # Arabic
    r"كتب(?:ت)?\s.{3,400}(?:في|بتاريخ)\s.{3,200}[:：]",
)
# What stands between dashes above the old message.
HEADINGS = (
    "original message", "original mail", "mensagem original", "mensaje original", "ursprüngliche nachricht",
    "originalnachricht", "message d'origine", "message d’origine", "message original", "messaggio originale",
    "oorspronkelijk bericht", "原始邮件", "原始郵件", "原邮件", "原信息", "元のメッセージ", "オリジナルメッセージ",
    "original-nachricht", "reply message", "الرسالة الأصلية", "رسالة أصلية",
)
_FROM = "from|de|von|da|expéditeur|remitente|mittente|发件人|發件人|寄件者|寄件人|差出人|送信者|من"
_SENT = ("sent|date|enviado|enviada|enviado el|fecha|data|gesendet|datum|envoyé|inviato|发送时间|發送時間|傳送時間|"
         "寄件日期|日期|时间|"
         "送信日時|日時|تاريخ الإرسال|التاريخ|أرسلت")
_TO = "to|para|an|à|a|cc|subject|assunto|asunto|betreff|objet|oggetto|收件人|主题|主旨|主題|宛先|件名|إلى|الموضوع"

_ATTRIBUTION = re.compile(rf"^\W{{0,3}}(?:{'|'.join(ATTRIBUTIONS)})\s*$", re.IGNORECASE | re.DOTALL)
_ENDING = re.compile(r"[:：]\s*$|escreveu\s*$|escribi[oó]\s*$", re.IGNORECASE)
_HEADING = re.compile(
    rf"^\W{{0,3}}[-_=*\s]{{2,}}\s*(?:{'|'.join(map(re.escape, HEADINGS))})\s*[-_=*\s]{{2,}}\s*:?$", re.IGNORECASE)
# What is asked of each line before an expression is: a heading's end, and how a ruled line begins.
_SPACES = frozenset(filter(str.isspace, map(chr, range(0x3001))))
_HEADING_ENDS = _SPACES | set("-_=*:")
_RULE_STARTS = _SPACES | set("-#*=")
_FROM_LINE = re.compile(rf"^\s*\*?(?:{_FROM})\s*\*?\s*[:：]\*?\s*\S", re.IGNORECASE)
_SENT_LINE = re.compile(rf"^\s*\*?(?:{_SENT})\s*\*?\s*[:：]\*?\s*\S", re.IGNORECASE)
_TO_LINE = re.compile(rf"^\s*\*?(?:{_TO})\s*\*?\s*[:：]", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:_{10,}|-{20,}|={20,})\s*$")
_BEGIN = re.compile(
    r"^\s*[-#*=]{3,}\s*(?:begin message|beginn der nachricht|début du message|inicio del mensaje|início da mensagem|"
    r"inizio messaggio|メッセージここから|消息开始|邮件开始|信息开始)\s*:?\s*[-#*=]{0,}\s*$", re.IGNORECASE)
_END = re.compile(
    r"^\s*[-#*=]{3,}\s*(?:end message|ende der nachricht|fin du message|fin del mensaje|fim da mensagem|fine messaggio|"
    r"メッセージここまで|消息结束|邮件结束|信息结束)\s*:?\s*[-#*=]{0,}\s*$", re.IGNORECASE)


def fold(text: str) -> tuple[str, str]:
    """Split `text` into what is new and what is quoted history ("" when there is none).

    Every line of the text is in exactly one of the two, in its order. A mail that answers between quoted lines is
    left whole, for its quotes are part of what it says. A mail that is nothing but history is left whole too.
    """
    lines = text.split("\n")
    relayed = _relay(lines)
    if relayed is not None:
        return relayed
    start = _history_start(lines)
    if start < len(lines):
        new, quoted = lines[:start], lines[start:]
    else:
        end = _leading_history(lines)
        new, quoted = lines[end:], lines[:end]
    if not any(map(str.strip, new)):
        return text, ""
    return "\n".join(new).strip("\n"), "\n".join(quoted).strip("\n")


def _relay(lines: list[str]) -> tuple[str, str] | None:
    """A marketplace's envelope: the buyer's words stand between two ruled lines."""
    ruled = [i for i, line in enumerate(lines) if line[:1] in _RULE_STARTS]
    begin = next((i for i in ruled if _BEGIN.match(lines[i])), None)
    if begin is None:
        return None
    end = next((i for i in range(begin + 1, len(lines)) if _END.match(lines[i])), len(lines))
    inside = lines[begin + 1 : end]
    if not "".join(inside).strip():
        return None
    return "\n".join(inside).strip("\n"), "\n".join(lines[: begin + 1] + lines[end:]).strip("\n")


def _history_start(lines: list[str]) -> int:
    """Index of the first line of the history at the end, len(lines) when there is none."""
    likely = [i for i, line in enumerate(lines) if line[-1:] in _HEADING_ENDS or ":" in line or "：" in line]
    for index in likely:
        line = lines[index]
        if len(line) > MAX_HEADING:
            continue
        if (line[-1] in _HEADING_ENDS and _is_heading(line)) or _is_old_header(lines, index):
            return _with_rule(lines, index)
    start = _trailing_quotes(lines)
    if start == len(lines):
        return start
    return _with_attribution(lines, start)


def _is_heading(line: str) -> bool:
    """No heading begins with a letter: that is asked before the long expression."""
    return not line[:1].isalnum() and _HEADING.match(line) is not None


def _is_old_header(lines: list[str], index: int) -> bool:
    """A header block repeated in the text: From, then within four lines a date, and a recipient or subject."""
    if not _FROM_LINE.match(lines[index]):
        return False
    following = [line for line in lines[index + 1 : index + 6] if line.strip()]
    return any(_SENT_LINE.match(line) for line in following) and any(_TO_LINE.match(line) for line in following)


def _with_rule(lines: list[str], index: int) -> int:
    """Take a ruled line directly above along."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) else index


def _trailing_quotes(lines: list[str]) -> int:
    """Where the last run of quoted or empty lines begins; len(lines) when the text does not end in one."""
    index = len(lines)
    start = index
    while index > 0:
        said = lines[index - 1].strip()
        if said and said[0] != ">":
            break
        index -= 1
        if said:
            start = index
    return len(lines) if [True for line in lines[:start] if line[:1] == ">"] else start


def _with_attribution(lines: list[str], start: int) -> int:
    """Take the line that says who wrote when along, when one stands above the quotes."""
    last = start - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not _ENDING.search(lines[last]):
        return start
    first = _attribution_start(lines, last)
    return start if first is None else first


def _attribution_start(lines: list[str], last: int) -> int | None:
    for count in range(1, _WRAPPED + 1):
        first = last - count + 1
        if first < 0 or not lines[first].strip():
            return None
        joined = " ".join(line.strip() for line in lines[first : last + 1])
        if len(joined) <= MAX_LINE and _ATTRIBUTION.match(joined):
            return first
    return None


def _leading_history(lines: list[str]) -> int:
    """Where a quote at the very beginning ends, when an answer stands below it and no other quote follows; else 0."""
    first = next((i for i, line in enumerate(lines) if line.startswith(">")), None)
    if first is None:
        return 0
    begin = _with_attribution(lines, first)
    if "".join(lines[:begin]).strip():
        return 0
    end = first
    while end < len(lines) and (lines[end].startswith(">") or not lines[end].strip()):
        end += 1
    return 0 if any(line.startswith(">") for line in lines[end:]) else end
