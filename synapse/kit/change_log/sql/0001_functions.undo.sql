DROP PROCEDURE change_log_detach(regclass);
DROP PROCEDURE change_log_attach(regclass, text);
DROP FUNCTION change_log_write_truncate();
DROP FUNCTION change_log_write();
