DROP FUNCTION legacy_date_and_clock(text, text, text);
