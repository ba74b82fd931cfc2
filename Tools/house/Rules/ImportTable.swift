/// Which module may import which. Arrows of the architecture, written down: nothing points up.
///
/// A module that is missing here cannot import anything, so a new module is a decision made in this file.
enum ImportTable {
    private static let core: Set<String> = [
        "CoreTypes", "Checksums", "Jute", "ZooKeeperWire", "Consensus", "PeerWire", "ZnodeTree",
    ]
    private static let storage: Set<String> = ["PosixIO", "DurableLog", "LMDB", "ZnodeStore", "SnapshotFile"]
    private static let engine: Set<String> = ["ReplicaEngine", "Simulation"]
    private static let network: Set<String> = ["PeerTransport", "Clustering", "ZooKeeperServer", "ZooKeeperClient"]
    private static let modules = core.union(storage).union(engine).union(network).union(["Aviary"])

    /// What the network layer is made of.
    private static let eventLoops: Set<String> = [
        "NIOCore", "NIOPosix", "NIOConcurrencyHelpers", "NIOSSL", "NIOTLS", "NIOEmbedded",
    ]
    /// What a program, as against a library, may use.
    private static let edge: Set<String> = [
        "Foundation", "Glibc", "Synchronization", "SystemPackage", "DequeModule", "BasicContainers", "Crypto",
        "Logging",
        "Metrics", "ArgumentParser", "ServiceLifecycle", "UnixSignals",
    ]

    static let allowed: [String: Set<String>] = [
        "CoreTypes": [],
        "Checksums": ["CChecksums"],
        "Jute": ["CoreTypes"],
        "ZooKeeperWire": ["CoreTypes", "Jute"],
        "Consensus": ["CoreTypes", "DequeModule", "BasicContainers"],
        "PeerWire": ["CoreTypes", "Consensus"],
        "ZnodeTree": ["CMemory", "CoreTypes", "Checksums", "Jute", "ZooKeeperWire"],

        "PosixIO": ["CPosix", "CoreTypes", "Glibc", "SystemPackage", "Synchronization"],
        "DurableLog": ["PosixIO", "CoreTypes", "Checksums", "SystemPackage", "Synchronization"],
        "LMDB": ["CLMDB", "CoreTypes", "SystemPackage", "Synchronization"],
        "ZnodeStore": [
            "LMDB", "SnapshotFile", "PosixIO", "ZnodeTree", "CoreTypes", "Checksums", "SystemPackage",
            "Synchronization",
        ],
        "SnapshotFile": ["CLZ4", "PosixIO", "CoreTypes", "Checksums", "SystemPackage", "Synchronization"],

        "ReplicaEngine": core.union(storage).union(["SystemPackage", "DequeModule", "Synchronization"]),
        // The log and the snapshots for their options and types only: all that runs does so inside the engine.
        "Simulation": core.union([
            "ReplicaEngine", "PosixIO", "DurableLog", "SnapshotFile", "SystemPackage", "DequeModule",
        ]),

        "PeerTransport": inNetwork,
        // What server and embedded stores have in common as members of a cluster.
        "Clustering": inNetwork.union(["PeerTransport"]),
        "ZooKeeperServer": inNetwork.union(["PeerTransport", "Clustering"]),
        "ZooKeeperClient": inNetwork,

        // Embedded stores that are replicas have the network behind `Clustering`, and no event loop of their own.
        "Aviary": core.union(storage).union([
            "ReplicaEngine", "PeerTransport", "Clustering", "SystemPackage", "Synchronization", "DequeModule",
            "Logging", "Metrics",
            "ServiceLifecycle",
        ]),
    ]

    private static let inNetwork = core.union(eventLoops).union([
        "ReplicaEngine", "DequeModule", "Synchronization", "Logging", "Crypto",
    ])

    /// What the sources of a zone may import; nil when nobody has decided that yet.
    static func allowed(in zone: Zone) -> Set<String>? {
        switch zone.layer {
        case .core, .storage, .engine, .network, .facade:
            return allowed[zone.module]
        case .package:
            return ["PackageDescription"]
        case .tool where zone.module == "house":
            return ["Foundation"]
        case .tool:
            return modules.union(eventLoops).union(edge)
        case .benchmark:
            return modules.union(eventLoops).union(edge).union([
                "CLMDB", "CLZ4", "CBenchmark", "Benchmark", "BenchmarkSupport",
            ])
        case .test:
            return modules.union(eventLoops).union(edge).union(["Testing", "TestSupport", tested(by: zone.module)])
        }
    }

    /// The module that a test target is named after, tools included.
    private static func tested(by target: String) -> String {
        target.hasSuffix("Tests") ? String(target.dropLast("Tests".count)) : target
    }
}
