"""The pure scheduler machine and its nouns: no threads, clocks, sockets, files or randomness. Standard library only."""
