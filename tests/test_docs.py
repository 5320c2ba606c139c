"""The pages of the docs are complete, and their samples answer as they show."""

from __future__ import annotations

import re
import runpy
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

import jsonify_ext
import jsonify_ext.encoders
import jsonify_ext.flask
import jsonify_ext.wsgi

from .docs_samples import check_answers

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"\.\. code-block:: (python|console)\n(?:   :.*\n)*\n((?:   .*\n|\n)+)")
_PYTHON = re.compile(r"\$ python (\S+)\n((?:(?!\$ ).*\n)+)")
_CURL = re.compile(r"\$ (curl .*)\n((?:(?!\$ ).*\n)+)")


def curl(app: Any, command: str) -> str:
    """What the command prints that asks an app."""
    _, *options, url = shlex.split(command)
    method = options[options.index("-X") + 1] if "-X" in options else "GET"
    pairs = pairwise(options)
    headers = [tuple(value.split(": ")) for option, value in pairs if option == "-H"]
    answer = Client(app).open(url, method=method, headers=headers)
    text = answer.get_data(as_text=True).rstrip("\n") + "\n"
    if "-i" in options:
        headers = "".join(f"{name}: {value}\n" for name, value in answer.headers)
        text = f"HTTP/1.1 {answer.status}\nServer: any\n{headers}\n{text}"
    return text


def check_answers(page: str, folder: Path) -> int:
    """Run the apps of a page, compare what they answer with it, and count the answers."""
    asked = 0
    app = None
    for kind, block in _BLOCK.findall((ROOT / page).read_text("utf-8")):
        text = textwrap.dedent(block).strip() + "\n"
        if kind == "python":
            (folder / "app.py").write_text(text, "utf-8")
            if text.count("\n") <= 2:  # not a file
                continue
            app = runpy.run_path(str(folder / "app.py"), run_name="app")["app"]
        for command, expected in _CURL.findall(text):
            answer = curl(app, command)
            assert OutputChecker().check_output(expected, answer, ELLIPSIS), (expected, answer)
            asked += 1
        for name, expected in _PYTHON.findall(text):
            (folder / "app.py").rename(folder / name)
            run = subprocess.run([sys.executable, folder / name], capture_output=True, text=True)
            assert run.stdout == expected
            asked += 1
    return asked


@pytest.mark.parametrize(
    ("page", "answers"),
    [
        ("README.rst", 6),
        ("docs/quickstart-flask.rst", 5),
        ("docs/quickstart-wsgi.rst", 2),
        ("docs/streaming.rst", 6),
        ("docs/howto/progress.rst", 1),
    ],
)
def test_the_apps_of_a_page_answer_as_it_says(
    page: str, answers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert check_answers(page, tmp_path) == answers


def test_the_page_of_settings_has_every_field():
    table = runpy.run_path(str(DOCS / "settings_table.py"))["table"]()
    page = (DOCS / "settings.rst").read_text("utf-8")
    assert ".. settings-table::\n" in page
    for field in fields(jsonify_ext.JSONSettings):
        assert f"   * - ``{field.name}``\n" in table
        assert re.search(rf"\b{field.name}\b", page), f"{field.name} has no example"


def test_the_page_of_the_api_has_every_public_name():
    page = (DOCS / "api.rst").read_text("utf-8")
    for module in (jsonify_ext, jsonify_ext.wsgi, jsonify_ext.flask):
        for name in module.__all__:
            assert re.search(rf"^\.\. auto\w+:: {module.__name__}\.{name}\b", page, re.M), name


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("jsonify_ext.JSONResponse", jsonify_ext.JSONResponse.__init__),
        ("jsonify_ext.JSONSettings", jsonify_ext.JSONSettings.__init__),
        ("jsonify_ext.json_view", jsonify_ext.json_view),
        ("jsonify_ext.ServerSentEvent", jsonify_ext.ServerSentEvent),
        ("jsonify_ext.use_settings", jsonify_ext.use_settings),
        ("jsonify_ext.flask.Jsonify", jsonify_ext.flask.Jsonify.__init__),
        ("jsonify_ext.wsgi.JSONMiddleware", jsonify_ext.wsgi.JSONMiddleware.__init__),
    ],
)
def test_signatures_that_the_page_of_the_api_writes_out_are_those_of_the_code(name, function):
    page = (DOCS / "api.rst").read_text("utf-8")
    [written] = re.findall(rf":: {re.escape(name)}(\(.*\))(?: ->.*)?$", page, re.M)
    names: dict[str, Any] = {}
    exec(f"from __future__ import annotations\ndef shown{written}: ...", names)
    real = [each for each in signature(function).parameters.values() if each.name != "self"]
    shown = [*signature(names["shown"]).parameters.values()]
    assert [(each.name, each.kind) for each in shown] == [(each.name, each.kind) for each in real]
    if name != "jsonify_ext.JSONSettings":  # whose defaults are factories
        assert [each.default for each in shown] == [each.default for each in real]


def test_the_page_of_settings_has_every_ready_made_encoder():
    page = (DOCS / "settings.rst").read_text("utf-8")
    for name in jsonify_ext.encoders.__all__:
        assert f"``{name}``" in page


def test_the_figures_of_the_readme_are_those_of_the_page_about_performance():
    def figures(page: Path) -> set[tuple[str, ...]]:
        rows = re.findall(r"^(\S.+?)  +(\S.+?)  +(\S.* x as fast)$", page.read_text("utf-8"), re.M)
        return set(rows)

    shown = figures(ROOT / "README.rst")
    assert shown
    assert shown <= figures(DOCS / "performance.rst")


def test_every_page_can_be_reached_from_the_index_by_two_clicks():
    def linked(page: Path) -> set[Path]:
        text = page.read_text("utf-8")
        names = re.findall(r"^   ([\w/-]+)$", text, re.M)
        names += re.findall(r":doc:`(?:[^`<]*<)?([\w./-]+)>?`", text)
        return {(page.parent / f"{name}.rst").resolve() for name in names}

    first = linked(DOCS / "index.rst")
    second = {page for each in first if each.exists() for page in linked(each)}
    assert {page.resolve() for page in DOCS.rglob("*.rst")} <= first | second | {
        DOCS / "index.rst"
    }
