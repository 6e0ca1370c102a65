"""Hours of the day in Japan's time, written such as "14:00-02:00"."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache

from django.core.exceptions import ValidationError

ALWAYS = "always"
JST = timezone(timedelta(hours=9), "JST")


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day to another, which may be on the next day.

    Attributes:
        opens: the first moment.
        closes: the moment after the last.
    """

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M} to {self.closes:%H:%M} ({JST})"

    @property
    def written(self) -> str:
        """The form that `parse` reads."""
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def include(self, moment: datetime) -> bool:
        """Whether that moment is within the hours."""
        local = moment.astimezone(JST).time()
        if self.opens < self.closes:
            return self.opens <= local < self.closes
        return local >= self.opens or local < self.closes

    def next_opening(self, moment: datetime) -> datetime:
        """The next opening after that moment."""
        local = moment.astimezone(JST)
        opening = local.replace(hour=self.opens.hour, minute=self.opens.minute, second=0, microsecond=0)
        return opening if opening > local else opening + timedelta(days=1)


@lru_cache
def parse(text: str) -> Hours:
    """Read hours from their written form, such as `14:00-02:00`.

    Raises:
        ValueError: the text is malformed, or has the same time twice.
    """
    opens, separator, closes = text.partition("-")
    hours = Hours(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))
    if not separator or hours.opens == hours.closes or hours.opens.tzinfo or hours.closes.tzinfo:
        raise ValueError(f"no hours of the day: {text}")
    return hours


def check_hours(text: str) -> None:
    """Validate hours or `ALWAYS`.

    Raises:
        ValidationError: the text is neither.
    """
    if text == ALWAYS:
        return
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError("Write hours such as 14:00-02:00, or “always”.", code="invalid") from error
