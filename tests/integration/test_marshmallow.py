"""Validation errors of marshmallow as problems."""

from __future__ import annotations

import marshmallow

from jsonify_ext import problem

from ..test_problems import EVERYWHERE


@EVERYWHERE
def test_a_validation_error_is_a_problem_with_its_messages(serve):
    class Schema(marshmallow.Schema):
        age = marshmallow.fields.Integer(required=True)

    errors = {marshmallow.ValidationError: lambda error: problem(422, errors=error.messages)}
    answer = serve(lambda: Schema().load({}), errors=errors).get("/")
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"age": ["Missing data for required field."]}
