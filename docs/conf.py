"""Sphinx configuration."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

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
autodoc_member_order = "bysource"
# Names of other projects, which these pages refer to without linking.
nitpick_ignore_regex = [
    (r"py:.*", r"(http|datetime|json|sys|werkzeug|flask|collections|typing|decimal)\..*"),
    ("py:exc", "TypeError|ValueError"),
    ("py:class", "Response|TypeError|ValueError"),
]
