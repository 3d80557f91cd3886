"""Calendars: iCalendar files of offers and of plans."""
