"""What gunicorn reads by itself when it is started in this folder; the command line goes before it."""

logger_class = "synapse.foundation.logs.gunicorn_logger.GunicornLogger"
