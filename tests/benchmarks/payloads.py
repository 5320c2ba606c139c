"""The values that the benchmarks encode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

HELLO = {"message": "Hello, World!"}


def users(count: int, city: str = "Copenhagen") -> dict[str, Any]:
    """Nested plain values, 170 bytes a user.

    :param city: where the users live.
    """
    return {
        "users": [
            {
                "id": number,
                "name": f"User {number}",
                "email": f"user{number}@example.com",
                "active": number % 3 != 0,
                "score": number / 4,
                "tags": ["new", "native"],
                "address": {"city": city, "zip": f"{number:05}", "country": None},
            }
            for number in range(count)
        ]
    }


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Flat rows, one at a time, for streams."""
    for number in range(count):
        yield {"id": number, "name": f"row {number}", "price": number / 4, "sold": False}


def typed_rows(count: int) -> dict[str, Any]:
    """Rows with a UUID, a Decimal and an aware datetime."""
    start = datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=1)))
    return {
        "rows": [
            {
                "id": UUID(int=number * 2**96 + 7),
                "price": Decimal(number * 100 + 99) / 100,
                "created": start + timedelta(hours=number),
            }
            for number in range(count)
        ]
    }


@dataclass
class Address:
    street: str
    city: str
    country: str | None


@dataclass
class Order:
    number: int
    total: float
    paid: bool


@dataclass
class Customer:
    id: int
    name: str
    address: Address
    orders: list[Order]


@cache
def customer_models() -> tuple[Any, Any, Any]:
    """The same three classes as pydantic models."""
    from pydantic import create_model

    address = create_model("AddressModel", street=str, city=str, country=(str | None, None))
    order = create_model("OrderModel", number=int, total=float, paid=bool)
    orders: Any = list[order]  # type: ignore[valid-type]  # a class made above
    fields: dict[str, Any] = {"id": int, "name": str, "address": address, "orders": orders}
    return address, order, create_model("CustomerModel", **fields)


def customers(count: int, classes: tuple[Any, Any, Any] = (Address, Order, Customer)) -> list[Any]:
    """Instances with nested instances."""
    address, order, customer = classes
    return [
        customer(
            id=number,
            name=f"Customer {number}",
            address=address(street=f"Market Street {number}", city="Leeds", country=None),
            orders=[order(number=each, total=each / 4, paid=True) for each in range(2)],
        )
        for number in range(count)
    ]
