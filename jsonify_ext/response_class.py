"""JSON responses that are also instances of a Flask app's response class.

Flask assigns ``__class__`` to a response that isn't an instance of ``app.response_class``,
which would lose what a subclass of :class:`JSONResponse` adds. So a JSON response gets a
class with both as its bases instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

#: Classes that are made in functions must not pile up.
_MAX_CLASSES = 100
#: Names that a subclass may override and keep the fast path.
_HARMLESS = frozenset(
    {
        *("_is_plain", "_is_simple", "_json_class", "_response_class", "media_type", "render"),
        *("autocorrect_location_header", "default_mimetype", "json_module", "max_cookie_size"),
        *vars(type("Subclass", (), {"__annotations__": {}, "__doc__": ""})),
        *("__annotate_func__", "__annotations_cache__", "__conditional_annotations__"),
        *("__firstlineno__", "__qualname__", "__static_attributes__", "__type_params__"),
        *("__parameters__", "__reduce__"),
    }
)


class PreservesClass:
    """A base whose instances add a class where one is assigned."""

    def _change_class(self, cls: type) -> None:
        own = getattr(type(self), "_json_class", type(self))
        # The descriptor of object, because the property below hides it.
        object.__dict__["__class__"].__set__(self, both_classes(own, cls))

    if not TYPE_CHECKING:
        __class__ = property(type, _change_class)


def both_classes(json_class: type, response_class: type) -> Any:
    """The class that is both: one that includes the other, or a new one with both as bases."""
    if issubclass(json_class, response_class):
        return json_class
    if issubclass(response_class, json_class):
        return response_class
    # Classes refer to their subclasses weakly; a cache would keep an app's class forever.
    for made in response_class.__subclasses__():
        if vars(made).get("_json_class") is json_class:
            return made
    namespace = {
        "__module__": json_class.__module__,
        "__doc__": json_class.__doc__,
        "__qualname__": json_class.__qualname__,
        "__reduce__": _reduce,
        "_json_class": json_class,
        "_response_class": response_class,
    }
    return type(json_class.__name__, (json_class, response_class), namespace)


def with_response_class(json_class: type, app: Any | None) -> Any:
    """The class of a Flask app's JSON responses, which the app keeps."""
    if app is None:
        return json_class
    key = json_class, app.response_class
    try:
        return app.extensions["jsonify_ext.classes"][key]
    except KeyError:
        classes: dict[Any, Any] = app.extensions.setdefault("jsonify_ext.classes", {})
        if len(classes) >= _MAX_CLASSES:
            classes.clear()
        made = classes[key] = both_classes(*key)
        return made


def is_plain(cls: type, base: type) -> bool:
    """Whether a subclass changes nothing in how ``base`` makes and sends a response."""
    known = {base, *base.__mro__}
    return all(vars(each).keys() <= _HARMLESS for each in cls.__mro__ if each not in known)


def _reduce(self: Any) -> tuple[Any, ...]:
    state = self.__getstate__() if hasattr(self, "__getstate__") else self.__dict__
    return _restore, (self._json_class, self._response_class), state


def _restore(json_class: type, response_class: type) -> Any:
    return object.__new__(both_classes(json_class, response_class))
