"""The languages an agent may read and write in, by their own names."""

AGENT_LANGUAGES = {
    "en": "English", "zh": "中文", "pt": "Português", "es": "Español", "de": "Deutsch", "fr": "Français",
    "it": "Italiano", "ja": "日本語", "ko": "한국어", "ar": "العربية", "ru": "Русский", "tr": "Türkçe",
    "vi": "Tiếng Việt", "th": "ไทย", "id": "Bahasa Indonesia", "nl": "Nederlands", "pl": "Polski",
}
