"""The values that the benchmarks encode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

__all__ = [
    "HELLO",
    "Customer",
    "customer_models",
    "customers",
    "customers_of_pydantic",
    "rows",
    "typed_rows",
    "users",
]

HELLO = {"message": "Hello, World!"}


def users(count: int, city: str = "Copenhagen") -> dict[str, Any]:
    """Nested plain values, 170 bytes a user.

    :param city: where the users live.
    """
    return {"users": [_user(number, city) for number in range(count)]}


def _user(number: int, city: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "active": number % 3 != 0,
        "score": number / 4,
        "tags": ["new", "native"],
        "address": {"city": city, "zip": f"{number:05}", "country": None},
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
    """The address of a customer."""

    street: str
    city: str
    country: str | None


@dataclass
class Order:
    """An order of a customer."""

    number: int
    total: float
    paid: bool


@dataclass
class Customer:
    """A dataclass of dataclasses."""

    id: int
    name: str
    address: Address
    orders: list[Order]


def customers(count: int) -> list[Customer]:
    """Dataclasses with nested dataclasses."""
    return [Customer(**each) for each in _customers(count, Address, Order)]


def _customers(count: int, address: type, order: type) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "id": number,
            "name": f"Customer {number}",
            "address": address(street=f"Market Street {number}", city="Leeds", country=None),
            "orders": [order(number=each, total=each / 4, paid=True) for each in range(2)],
        }


@cache
def customer_models() -> tuple[Any, Any, Any]:
    """Pydantic models for an address, an order and a customer."""
    from pydantic import create_model

    address = create_model("AddressModel", street=str, city=str, country=(str | None, None))
    order = create_model("OrderModel", number=int, total=float, paid=bool)
    customer = create_model(
        "CustomerModel",
        id=int,
        name=str,
        address=address,
        orders=list[order],  # type: ignore[valid-type]  # a class made above
    )
    return address, order, customer


def customers_of_pydantic(count: int) -> list[Any]:
    """The same customers as pydantic models."""
    address, order, customer = customer_models()
    return [customer(**each) for each in _customers(count, address, order)]
