"""After Kafka lost its data: what was said of cases is stated again."""
