DROP FUNCTION legacy_timestamp(text, text, text);
DROP FUNCTION legacy_json(text);
DROP FUNCTION legacy_boolean(text);
DROP FUNCTION legacy_decimal(text, integer, integer);
DROP FUNCTION legacy_integer(text);
DROP FUNCTION legacy_text(text);
