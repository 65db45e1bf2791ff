"""iCalendar (RFC 5545) out and in. The library `icalendar` lives here.

What comes in may be hostile. It is bounded before the library sees it; each event is given to it alone, no time zone of the
file's own is believed, and no recurrence is ever expanded.
"""

from cloud.adapters.calendars.file import CalendarFile

__all__ = ["CalendarFile"]
