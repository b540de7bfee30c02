"""The durable hand-over from the hook to the consumer: a small file per event, standard library only."""
