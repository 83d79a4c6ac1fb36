"""After Kafka lost its data: reports are stated again."""
