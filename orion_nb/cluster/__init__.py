"""Many machines as one: nodes, their registry, the head's scheduler host, the replicated log.

Nothing of it exists in this version, which runs on one machine (`orion_nb.local`). The
place is kept because the machine in `orion_nb.core` is written for both: a cluster will be
another host of the same `Scheduler.step`, so nothing here will decide anything anew.

Will live here: NodeRuntime, NodeRegistry, NodeClient (InProcessNodeClient, GrpcNodeClient),
ClusterScheduler, ReplicatedLog. May import core, store, local and rpc (which will be the
only home of grpc). Will not live here: task semantics (core), values (store), processes (local).
"""
