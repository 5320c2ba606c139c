"""Runs the samples of a page of the docs: its files, and the commands that use them.

Each ``code-block`` with a file's name as its caption is written to that file. A ``python``
block without one is ``app.py``, if it has more than two lines. In ``console`` blocks,
``$ curl ...`` and ``$ python file.py`` run, and what they print has to be what follows them;
``curl ... | python -m json.tool`` works too. curl calls the app that was shown last, or the
one that ``flask --app name run``, ``gunicorn name:app`` or the like has started. Other
commands aren't run.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import runpy
import shlex
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterator
from doctest import ELLIPSIS, OutputChecker
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import Client

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(
    r"^( *)\.\. code-block:: (\w+)\n((?:\1   :[\w-]+:.*\n)*)\n((?:\1   .*\n|\n)+)", re.M
)
_CAPTION = re.compile(r":caption: (\S+)")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n?((?:(?!\$ ).*\n?)*)", re.M)
_SERVED = re.compile(r"(?:--app |-w \d+ |serve )?\b([\w.]+):(\w+)(?:\(\))?$|--app (\w+)")
_DEFINES_APP = re.compile(r"^(?:app = |app: |def app\(|def create_app\()", re.M)
_OPTIONS_WITH_VALUE = {
    **dict.fromkeys(("-X", "--request"), "method"),
    **dict.fromkeys(("-H", "--header"), "header"),
    **dict.fromkeys(("-d", "--data", "--data-raw", "--data-binary"), "data"),
    **dict.fromkeys(("-F", "--form"), "form"),
    **dict.fromkeys(("-u", "--user"), "user"),
    **dict.fromkeys(("-b", "--cookie"), "cookie"),
    "--json": "json",
    "-o": "output",
}


class Block(NamedTuple):
    """One ``code-block`` of a page."""

    language: str
    name: str | None
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, without their indentation."""
    text = page.read_text("utf-8")
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        _, language, options, body = match.groups()
        caption = _CAPTION.search(options)
        code = textwrap.dedent(body).strip("\n") + "\n"
        name = caption[1] if caption and "." in caption[1] else None
        found.append(Block(language, name, code, text.count("\n", 0, match.start()) + 1))
    return found


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what it prints."""
    for command, printed in _COMMAND.findall(text):
        yield command.replace("\\\n", " "), printed


def matches(expected: str, text: str) -> bool:
    """Whether a text is as expected, where ``...`` stands for anything."""
    # Versions of Werkzeug write the phrase of a status in different cases.
    first, second = (
        re.sub(r"^HTTP/1.1 .*", lambda line: line[0].upper(), each.strip()) + "\n"
        for each in (expected, text)
    )
    return OutputChecker().check_output(first, second, ELLIPSIS)


def check_answers(page: str, folder: Path, optional: Collection[str] = ()) -> int:
    """Run the samples of a page in a folder, and count the commands that were compared.

    :param optional: modules that needn't be installed; samples with others are left out.
    """
    working_directory = Path.cwd()
    samples = Samples(folder)
    missing = None
    try:
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        for block in blocks(ROOT / page):
            place = f"{page}:{block.line}"
            try:
                if block.language != "console":
                    missing = None
                    samples.add(block)
                elif missing is None:
                    for command, printed in commands(block.text):
                        samples.run(command, printed)
            except Missing as error:
                missing = str(error).partition(".")[0]
                assert missing in optional, f"{place}: {missing} isn't installed"
            except Exception as error:
                raise AssertionError(f"{place}: {type(error).__name__}: {error}") from error
    finally:
        samples.forget()
        sys.path.remove(str(folder))
        os.chdir(working_directory)
    return samples.compared


class Missing(Exception):
    """A sample imports something that isn't installed here."""


class Samples:
    """The files of a page in a folder, and the app among them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[str] = set()
        self._app_file = "app"
        self._app: Any = None
        #: Whether the page has shown an app, which curl calls.
        self._serves = False
        #: How many commands were compared with what they print.
        self.compared = 0

    def add(self, block: Block) -> None:
        """Write the file of a block, and run it as far as an import does."""
        is_python = block.language == "python"
        if is_python and block.name is None and block.text.count("\n") <= 2:
            compile(f"def snippet():\n{textwrap.indent(block.text, '    ')}", "snippet", "exec")
            return
        name = block.name or ("app.py" if is_python else None)
        if name is None:
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
        self.files.add(name)
        if not is_python:
            return
        compile(block.text, name, "exec")
        self.forget()
        module = name.removesuffix(".py").replace("/", ".")
        if _DEFINES_APP.search(block.text):
            self._app_file, self._app, self._serves = module, None, True
        elif not re.search(r"^if __name__ == ", block.text, re.M) and block.name is None:
            # A file that isn't an app runs when a command names it; at the latest here.
            self._import(module)

    def run(self, command: str, expected: str) -> None:
        """Run a command, and compare what it prints, if it is one that can be run here."""
        words = shlex.split(command)
        served = _SERVED.search(command)
        pretty = words[-4:] == ["|", "python", "-m", "json.tool"]
        if words[0] == "curl" and self._serves:
            if "-N" in words and not expected.strip():
                return  # it may have no end
            answer = self._curl(words[1:-4] if pretty else words[1:], expected)
            answer = json.dumps(json.loads(answer), indent=4) if pretty else answer
        elif words[0] == "python" and len(words) == 2 and words[1].endswith(".py"):
            if words[1] not in self.files:  # the text names the file
                (self.folder / words[1]).write_text((self.folder / "app.py").read_text("utf-8"))
            answer = self._python(words[1])
        else:
            if served and words[0] in ("flask", "gunicorn", "waitress-serve"):
                module = served[1] or served[3]
                if f"{module}.py" in self.files and module != self._app_file:
                    self._app_file, self._app = module, None
            return
        assert matches(expected, answer), f"$ {command}\nprints\n{answer}\nand not\n{expected}"
        self.compared += 1

    def _python(self, name: str) -> str:
        printed = io.StringIO()
        self.forget()
        with contextlib.redirect_stdout(printed):
            try:
                runpy.run_path(str(self.folder / name), run_name="__main__")
            except ModuleNotFoundError as error:
                raise Missing(error.name) from error
        return printed.getvalue()

    def _curl(self, words: list[str], expected: str) -> str:
        if self._app is None:
            module = self._import(self._app_file)
            self._app = getattr(module, "app", None) or module.create_app()
        options: MultiDict[str, str] = MultiDict()
        urls: list[str] = []
        flags = ""
        rest = iter(words)
        for word in rest:
            if word in _OPTIONS_WITH_VALUE:
                options.add(_OPTIONS_WITH_VALUE[word], next(rest))
            elif word.startswith("-"):
                assert set(word) <= set("-isNLI") or word == "--no-buffer", f"curl {word}?"
                flags += word
            else:
                urls.append(word)
        [url] = urls
        request: dict[str, Any] = {"headers": [], "buffered": "-N" not in words}
        for header in options.getlist("header"):
            name, _, value = header.partition(":")
            request["headers"].append((name.strip(), value.strip()))
        names = {name.lower() for name, _ in request["headers"]}
        method = "HEAD" if "I" in flags else "GET"
        if "data" in options or "json" in options:
            method = "POST"
            text = options.get("json") or "&".join(options.getlist("data"))
            data = self._read(text[1:]) if text.startswith("@") else text.encode()
            default = "application/x-www-form-urlencoded"
            request["data"] = data
            if "content-type" not in names:
                request["content_type"] = "application/json" if "json" in options else default
        if "form" in options:
            method = "POST"
            request["data"] = form = MultiDict[str, Any]()
            for field in options.getlist("form"):
                name, _, value = field.partition("=")
                if value.startswith("@"):
                    file, *extra = value[1:].split(";type=")
                    kind = extra[0] if extra else None
                    stream = io.BytesIO(self._read(file))
                    form.add(name, FileStorage(stream, file, content_type=kind))
                else:
                    form.add(name, value)
        if "user" in options:
            request["auth"] = tuple(options["user"].split(":", 1))
        if "cookie" in options:
            request["headers"].append(("Cookie", options["cookie"]))
        if "accept" not in names:
            request["headers"].append(("Accept", "*/*"))
        client = Client(self._app, use_cookies=False)
        method = options.get("method", method)
        answer = client.open(url, method=method, follow_redirects="L" in flags, **request)
        if "N" in flags:
            text = ""
            for chunk in islice(answer.response, 100):  # a stream may have no end
                text += chunk.decode() if isinstance(chunk, bytes) else chunk
                if matches(expected, text):
                    break
        else:
            text = answer.get_data().decode()
        if "i" in flags or "I" in flags:
            headers = "".join(f"{name}: {value}\n" for name, value in answer.headers)
            text = f"HTTP/1.1 {answer.status}\nServer: any\n{headers}\n{text}"
        if "output" in options:
            (self.folder / options["output"]).write_bytes(answer.get_data())
            text = ""
        answer.close()
        return text

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        return path.read_bytes() if path.exists() else b"content"

    def _import(self, module: str) -> Any:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise Missing(error.name) from error

    def forget(self) -> None:
        """Import the files again, because a page may show another version of one."""
        importlib.invalidate_caches()
        # Two versions of a file may have the same size and time.
        shutil.rmtree(self.folder / "__pycache__", ignore_errors=True)
        for name, module in [*sys.modules.items()]:
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(self.folder):
                del sys.modules[name]
