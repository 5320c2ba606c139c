"""Sphinx configuration."""

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from sphinx.pycode import ModuleAnalyzer

sys.path.insert(0, str(Path(__file__).parent))  # for settings_table

project = "jsonify_ext"
copyright = "2026, the jsonify_ext authors"  # noqa: A001  # Sphinx's name for it
release = version = version_of("jsonify_ext")

extensions = ["sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton", "settings_table"]
copybutton_exclude = ".linenos, .gp, .go"  # what is copied has no prompts and no output
html_theme = "furo"
html_title = "jsonify_ext"
html_theme_options = {
    "light_css_variables": {"color-removed": "#b42318", "color-added": "#067647"},
    "dark_css_variables": {"color-removed": "#ff9b94", "color-added": "#75e0a7"},
}
html_static_path = ["_static"]
html_css_files = ["handbook.css"]
exclude_patterns = ["_build"]

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# Names of unions, which the page of the API explains, instead of the unions themselves.
autodoc_type_aliases = {
    name: name
    for name in ("Status", "HeadersLike", "SettingsLike", "BackgroundLike", "ErrorMap", "Format")
}
python_maximum_signature_line_length = 60  # one parameter in a line, for narrow windows
autodoc_member_order = "bysource"
# Names of other projects, which these pages refer to without linking.
nitpick_ignore_regex = [
    (r"py:.*", r"(http|datetime|json|sys|werkzeug|flask|collections|typing|decimal)\..*"),
    ("py:exc", "TypeError|ValueError"),
    ("py:class", "Response|HTTPException|TypeError|ValueError"),
    # Of signatures.
    ("py:class", "(WSGI(Application|Environment)|StartResponse|AbstractContextManager)"),
    ("py:class", "(Flask|Blueprint|Unpack|SettingsChanges|Request)"),
    ("py:class", r"(jsonify_ext\.views\.)?(View|P|ParamSpec|_StreamDecorator|_Decorator)"),
]


def _plain_aliases(app: Any, what: str, name: str, obj: Any, options: Any, *texts: Any) -> Any:
    """Signatures with ``Status`` for ``TypeAliasForwardRef('Status')``."""
    return tuple(text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in texts)


def setup(app: Any) -> None:
    """Called by Sphinx."""
    # The overloads of json_view are for type checkers; the page of the API has a signature.
    analyzer = ModuleAnalyzer.for_module("jsonify_ext.views")
    analyzer.analyze()
    analyzer.overloads.clear()
    app.connect("autodoc-process-signature", _plain_aliases)
