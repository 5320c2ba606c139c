"""Asynchronous views and their items in WSGI, which is synchronous."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import suppress
from functools import partial, wraps
from inspect import isawaitable
from typing import Any

#: What the event loop runs to close a generator that has no references any more.
_CLOSING = "async_generator_athrow"


def synchronous(view: Callable[..., Any]) -> Callable[..., Any]:
    """Make an asynchronous view synchronous: each call has its own event loop.

    Items that the view returns, alone or in a tuple, are read in the same loop.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        loop = asyncio.new_event_loop()
        try:
            returned: Any = view(*args, **kwargs)
            if isawaitable(returned):
                returned = loop.run_until_complete(returned)
            kind = type(returned)  # pyright: ignore[reportUnknownVariableType]  # of Any
            values: list[Any] = [*returned] if kind is tuple else [returned]
            if values and hasattr(values[0], "__aiter__"):
                values[0] = AsyncItems(values[0], loop)
                return tuple(values) if kind is tuple else values[0]
        except BaseException:
            _close(loop)
            raise
        _close(loop)
        return returned

    return run


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """End a loop as :func:`asyncio.run` does: tasks that are left are cancelled."""
    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            if type(task.get_coro()).__name__ != _CLOSING:
                task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


class AsyncItems(Iterator[Any]):
    """The items of an asynchronous iterable, one by one.

    One task reads all items, because timeouts, task groups and context variables in an
    asynchronous generator belong to a task.
    """

    def __init__(self, items: AsyncIterable[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._items = items
        self._loop = loop
        #: Gets the next item and no error, or an error, which may be one that ends the loop.
        self._item: asyncio.Future[tuple[Any, BaseException | None]]
        #: Is set when the item after that one is wanted.
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def __next__(self) -> Any:
        if self._task is not None and self._task.done():
            raise StopIteration
        self._item = self._loop.create_future()
        self._wanted.set()
        if self._task is None:
            self._task = self._loop.create_task(self._read())
        item, error = self._loop.run_until_complete(self._item)
        if error is not None:
            raise error
        return item

    async def _read(self) -> None:
        close = None
        try:
            iterator = aiter(self._items)
            close = getattr(iterator, "aclose", None)
            step = iterator.__anext__
            while True:
                item = await step()
                self._wanted.clear()
                self._item.set_result((item, None))
                step = iterator.__anext__
                try:
                    await self._wanted.wait()
                except asyncio.CancelledError as error:
                    if self._closing:
                        raise
                    # By a timeout or a task group of the generator, which has to get it.
                    step = partial(getattr(iterator, "athrow", _raise), error)
                    await self._wanted.wait()
        except StopAsyncIteration:
            self._item.set_result((None, StopIteration()))
        except BaseException as error:
            if self._closing:
                raise
            if isinstance(error, (StopIteration, asyncio.CancelledError)):
                # The first would end the stream properly, and the second is for tasks only.
                kind = type(error).__name__
                error = RuntimeError(f"the asynchronous iterable raised {kind}")
            self._item.set_result((None, error))
        finally:
            if close is not None:
                await close()

    def close(self) -> None:
        """Close the iterable and the event loop."""
        if self._loop.is_closed():
            return
        self._closing = True
        try:
            if self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    self._loop.run_until_complete(self._task)
        finally:
            _close(self._loop)


async def _raise(error: BaseException) -> Any:
    raise error
