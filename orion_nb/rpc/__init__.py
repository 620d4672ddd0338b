"""The wire: messages and their conversion, channels and servers, credentials, limits, errors.

The only home of grpc and of the generated protobuf (`generated`, from ``proto/orion/v1`` by
``python -m orion_tools.protos``). Knows the nouns of `core`, and nothing of runtimes, stores or
sessions: what a message makes happen is said in `detached` and `client`. Nothing here is
imported before the first connection: grpc costs a tenth of a second.
"""
