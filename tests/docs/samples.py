"""Runs the samples of a page of the docs: its files, and the commands that use them.

Each ``code-block`` with a file's name as its caption is written to that file. A ``python``
block without one is ``app.py``, if it has more than two lines. In ``console`` blocks,
``$ curl ...`` and ``$ python file.py`` run, and what they print has to be what follows them;
``curl ... | python -m json.tool`` works too. curl calls the app that was shown last, or the
one that ``flask --app name run``, ``gunicorn name:app`` or the like has started. Other
commands aren't run.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
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

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.test import Client

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(
    r"^( *)\.\. code-block:: (\w+)\n((?:\1   :[\w-]+:.*\n)*)\n((?:\1   .*\n|\n)+)", re.M
)
_CAPTION = re.compile(r":caption: (\S+\.\S+)")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n?((?:(?!\$ ).*\n?)*)", re.M)
_SERVED = re.compile(r"(?:--app |-w \d+ |serve )?\b([\w.]+):(\w+)(?:\(\))?$|--app (\w+)")
_DEFINES_APP = re.compile(r"^(?:app = |app: |def app\(|def create_app\()", re.M)

_CURL = argparse.ArgumentParser("curl", add_help=False, allow_abbrev=False)
_CURL.add_argument("url")
for _names in ("-X --request", "-u --user", "-b --cookie", "--json", "-o --output"):
    _CURL.add_argument(*_names.split())
for _names in ("-H --header", "-d --data --data-raw --data-binary", "-F --form"):
    _CURL.add_argument(*_names.split(), action="append", default=[])
for _names in ("-i", "-I", "-s", "-L", "-N --no-buffer"):
    _CURL.add_argument(*_names.split(), action="store_true")


class Block(NamedTuple):
    """One ``code-block`` of a page."""

    language: str
    name: str | None
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """The code blocks of a page, without their indentation."""
    text = (ROOT / page).read_text("utf-8")
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        _, language, options, body = match.groups()
        caption = _CAPTION.search(options)
        code = textwrap.dedent(body).strip("\n") + "\n"
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(language, caption and caption[1], code, line))
    return found


def block(page: str, contains: str) -> str:
    """The first code block of a page that has a name, or contains a text."""
    found = [each for each in blocks(page) if contains == each.name or contains in each.text]
    return found[0].text


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


def check_answers(page: str, folder: Path, optional: Collection[str] = ()) -> None:
    """Run the samples of a page in a folder, which is the current one and on ``sys.path``.

    :param optional: modules that needn't be installed; samples with others are left out.
    """
    samples = Samples(folder)
    missing = None
    for each in blocks(page):
        place = f"{page}:{each.line}"
        try:
            if each.language != "console":
                missing = None
                samples.add(each)
            elif missing is None:
                for command, printed in commands(each.text):
                    samples.run(command, printed)
        except ModuleNotFoundError as error:
            missing = str(error.name).partition(".")[0]
            assert missing in optional, f"{place}: {missing} isn't installed"
        except Exception as error:
            raise AssertionError(f"{place}: {type(error).__name__}: {error}") from error
    samples.forget()


class Samples:
    """The files of a page in a folder, and the app among them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[str] = set()
        self._app_file = "app"
        self._app: Any = None
        #: Whether the page has shown an app, which curl calls.
        self._serves = False

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
            importlib.import_module(module)

    def run(self, command: str, expected: str) -> None:
        """Run a command, and compare what it prints, if it is one that can be run here."""
        words = shlex.split(command)
        if words[0] == "curl" and self._serves:
            pretty = words[-4:] == ["|", "python", "-m", "json.tool"]
            given = _CURL.parse_args(words[1:-4] if pretty else words[1:])
            if given.no_buffer and not expected.strip():
                return  # it may have no end
            answer = self._curl(given, expected)
            answer = json.dumps(json.loads(answer), indent=4) if pretty else answer
        elif words[0] == "python" and len(words) == 2 and words[1].endswith(".py"):
            if words[1] not in self.files:  # the text names the file
                (self.folder / words[1]).write_text((self.folder / "app.py").read_text("utf-8"))
            self.forget()
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                runpy.run_path(str(self.folder / words[1]), run_name="__main__")
            answer = printed.getvalue()
        else:
            served = _SERVED.search(command)
            if served and words[0] in ("flask", "gunicorn", "waitress-serve"):
                module = served[1] or served[3]
                if f"{module}.py" in self.files and module != self._app_file:
                    self._app_file, self._app = module, None
            return
        assert matches(expected, answer), f"$ {command}\nprints\n{answer}\nand not\n{expected}"

    def _curl(self, given: argparse.Namespace, expected: str) -> str:
        if self._app is None:
            module = importlib.import_module(self._app_file)
            self._app = getattr(module, "app", None) or module.create_app()
        headers = Headers(tuple(map(str.strip, each.split(":", 1))) for each in given.header)
        headers.setdefault("Accept", "*/*")
        if given.cookie:
            headers.add("Cookie", given.cookie)
        method, data = "HEAD" if given.I else "GET", None
        if given.data or given.json:
            text = given.json or "&".join(given.data)
            data = self._read(text[1:]) if text.startswith("@") else text.encode()
            kind = "application/json" if given.json else "application/x-www-form-urlencoded"
            headers.setdefault("Content-Type", kind)
        elif given.form:
            data = MultiDict(self._field(*each.split("=", 1)) for each in given.form)
        answer = Client(self._app, use_cookies=False).open(
            given.url,
            method=given.request or (method if data is None else "POST"),
            headers=headers,
            data=data,
            auth=tuple(given.user.split(":", 1)) if given.user else None,
            follow_redirects=given.L,
            buffered=not given.no_buffer,
        )
        text = ""
        if given.no_buffer:
            for chunk in islice(answer.response, 100):  # a stream may have no end
                text += chunk.decode() if isinstance(chunk, bytes) else chunk
                if matches(expected, text):
                    break
        elif given.output:
            (self.folder / given.output).write_bytes(answer.get_data())
        else:
            text = answer.get_data().decode()
        if (given.i or given.I) and not given.output:
            head = "".join(f"{name}: {value}\n" for name, value in answer.headers)
            text = f"HTTP/1.1 {answer.status}\nServer: any\n{head}\n{text}"
        answer.close()
        return text

    def _field(self, name: str, value: str) -> tuple[str, Any]:
        if not value.startswith("@"):
            return name, value
        file, *kind = value[1:].split(";type=")
        stream = io.BytesIO(self._read(file))
        return name, FileStorage(stream, file, content_type=kind[0] if kind else None)

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        return path.read_bytes() if path.exists() else b"content"

    def forget(self) -> None:
        """Import the files again, because a page may show another version of one."""
        importlib.invalidate_caches()
        # Two versions of a file may have the same size and time.
        shutil.rmtree(self.folder / "__pycache__", ignore_errors=True)
        for name, module in [*sys.modules.items()]:
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(self.folder):
                del sys.modules[name]
