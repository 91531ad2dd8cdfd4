"""Rules: each module finds some policies in the pieces of an utterance."""
