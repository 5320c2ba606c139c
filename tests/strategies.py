"""Random values that several test modules share."""

from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

zones = st.one_of(
    st.none(),
    st.just(timezone.utc),
    st.sampled_from([ZoneInfo("Europe/Amsterdam"), ZoneInfo("Africa/Monrovia")]),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)
library_values = (
    st.decimals(),
    st.uuids(),
    st.datetimes(timezones=zones),
    st.times(timezones=zones),
    st.dates(),
    st.timedeltas(),
)
