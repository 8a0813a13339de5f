"""Qt's own texts (Close, Cancel, the file dialog) in the interface's language; they ship with Qt."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QObject, QTranslator


class QtTexts(QObject):
    """Installs one translation at a time. English needs none."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._installed: QTranslator | None = None

    def use(self, language: str) -> bool:
        """True when Qt now speaks `language`; False when it has no such translation and stays English."""
        if self._installed is not None:
            QCoreApplication.removeTranslator(self._installed)
            self._installed = None
        if language == "en":
            return True
        translator = QTranslator(self)
        if not translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            return False
        self._installed = translator
        return QCoreApplication.installTranslator(translator)
