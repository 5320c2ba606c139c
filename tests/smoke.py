"""That the package works where it is installed, with what it requires and no more.

Run with ``python -I``, which leaves the folder of the sources out.
"""

from __future__ import annotations

from importlib.util import find_spec

from werkzeug.test import Client

from jsonify_ext import jsonify
from jsonify_ext.playground import app

if __name__ == "__main__":
    assert find_spec("flask") is None
    assert jsonify(name="é", rows={1, 2}).data == '{"name":"é","rows":[1,2]}\n'.encode()
    assert Client(app).get("/response?value=planets()").json[2]["name"] == "Earth"
    assert "Flask isn't installed" in Client(app).post("/compare", data={"value": "1"}).text
    assert Client(app).get("/").mimetype == "text/html"
    print("works with orjson" if find_spec("orjson") else "works without orjson")
