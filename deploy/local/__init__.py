"""Real PostgreSQL and Apache Kafka on this machine, from wheels and jars: Python is all it needs."""
