"""JSON documents of others: a conformance suite, and large real ones.

``json-test-suite.zip`` holds the documents of JSONTestSuite by Nicolas Seriot
(github.com/nst/JSONTestSuite), unchanged and with their license (MIT). Their names begin
with ``y_`` where a parser must accept them, with ``n_`` where it must refuse them, and with
``i_`` where RFC 8259 leaves it to the parser; those of ``test_transform`` are valid JSON that
parsers are known to read differently.
"""

from __future__ import annotations

import importlib.resources
import zipfile
from pathlib import Path

_SUITE = Path(__file__).parent / "json-test-suite.zip"
#: Files of packages that the tests install.
_REAL = [("pycountry", "databases/iso639-3.json"), ("emoji", "unicode_codes/emoji.json")]


def conformance_documents(folder: str) -> dict[str, bytes]:
    """The documents of a folder of the suite, by name."""
    with zipfile.ZipFile(_SUITE) as suite:
        names = [name for name in suite.namelist() if name.startswith(f"{folder}/")]
        return {Path(name).stem: suite.read(name) for name in names}


def real_documents() -> dict[str, bytes]:
    """Large documents, by package and name."""
    return {
        f"{package}/{name}": importlib.resources.files(package).joinpath(name).read_bytes()
        for package, name in _REAL
    }
