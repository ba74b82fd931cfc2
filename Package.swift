// swift-tools-version: 6.2
// Targets stand in dependency order, grouped by layer; a layer imports only what is below it.
// Which module may import which is written down, and enforced, in Tools/house.

import PackageDescription

/// What every target of the house is compiled with.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// Below the network every unsafe expression says so.
let strict: [SwiftSetting] = house + [.strictMemorySafety()]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let core: [Target] = [
    .target(name: "CoreTypes", path: "Sources/Core/CoreTypes", swiftSettings: strict),
    .target(name: "CChecksums", path: "Sources/Core/CChecksums"),
    .target(name: "CMemory", path: "Sources/Core/CMemory"),
    .target(
        name: "Checksums", dependencies: ["CChecksums"], path: "Sources/Core/Checksums", swiftSettings: strict),
    .target(name: "Jute", dependencies: ["CoreTypes"], path: "Sources/Core/Jute", swiftSettings: strict),
    .target(
        name: "ZooKeeperWire", dependencies: ["CoreTypes", "Jute"], path: "Sources/Core/ZooKeeperWire",
        swiftSettings: strict),
    .target(
        name: "Consensus", dependencies: ["CoreTypes", deque], path: "Sources/Core/Consensus", swiftSettings: strict),
    .target(
        name: "PeerWire", dependencies: ["CoreTypes", "Consensus"], path: "Sources/Core/PeerWire",
        swiftSettings: strict),
    .target(
        name: "ZnodeTree", dependencies: ["CMemory", "CoreTypes", "Checksums", "Jute", "ZooKeeperWire"],
        path: "Sources/Core/ZnodeTree", swiftSettings: strict),
]

let storage: [Target] = [
    .target(name: "CPosix", path: "Sources/Storage/CPosix"),
    .target(
        name: "PosixIO", dependencies: ["CPosix", "CoreTypes", system], path: "Sources/Storage/PosixIO",
        swiftSettings: strict),
    .target(
        name: "DurableLog", dependencies: ["PosixIO", "CoreTypes", "Checksums", system],
        path: "Sources/Storage/DurableLog", swiftSettings: strict),
    .systemLibrary(
        name: "CLMDB", path: "Sources/Storage/CLMDB", providers: [.apt(["liblmdb-dev"])]),
    .target(
        name: "LMDB", dependencies: ["CLMDB", "CoreTypes", system], path: "Sources/Storage/LMDB",
        swiftSettings: strict),
    .systemLibrary(
        name: "CLZ4", path: "Sources/Storage/CLZ4", providers: [.apt(["liblz4-dev"])]),
    .target(
        name: "SnapshotFile", dependencies: ["CLZ4", "PosixIO", "CoreTypes", "Checksums", system],
        path: "Sources/Storage/SnapshotFile", swiftSettings: strict),
    .target(
        name: "ZnodeStore",
        dependencies: ["LMDB", "SnapshotFile", "PosixIO", "ZnodeTree", "CoreTypes", "Checksums", system],
        path: "Sources/Storage/ZnodeStore", swiftSettings: strict),
]

let engine: [Target] = [
    .target(
        name: "ReplicaEngine",
        dependencies: [
            "CoreTypes", "Checksums", "Jute", "ZooKeeperWire", "Consensus", "PeerWire", "ZnodeTree", "PosixIO",
            "DurableLog", "ZnodeStore", "SnapshotFile", system, deque,
        ],
        path: "Sources/Engine/ReplicaEngine", swiftSettings: strict),
    .target(
        name: "Simulation",
        dependencies: [
            "CoreTypes", "Checksums", "Jute", "ZooKeeperWire", "Consensus", "PeerWire", "ZnodeTree", "PosixIO",
            "DurableLog", "SnapshotFile", "ReplicaEngine", system,
        ],
        path: "Sources/Engine/Simulation", swiftSettings: strict),
]

let network: [Target] = [
    .target(
        name: "PeerTransport",
        dependencies: ["CoreTypes", "Checksums", "Consensus", "PeerWire", crypto, nioCore, nioPosix, logging],
        path: "Sources/Network/PeerTransport", swiftSettings: house),
    .target(
        name: "Clustering",
        dependencies: [
            "CoreTypes", "ZooKeeperWire", "Consensus", "PeerWire", "ReplicaEngine", "PeerTransport", nioCore, nioPosix,
            logging,
        ],
        path: "Sources/Network/Clustering", swiftSettings: house),
    .target(
        name: "ZooKeeperServer",
        dependencies: [
            "CoreTypes", "Jute", "ZooKeeperWire", "Consensus", "PeerWire", "ZnodeTree", "ReplicaEngine",
            "PeerTransport", "Clustering",
            nioCore, nioPosix, logging,
        ],
        path: "Sources/Network/ZooKeeperServer", swiftSettings: house),
]

let facade: [Target] = [
    .target(
        name: "Aviary",
        dependencies: [
            "CoreTypes", "Jute", "ZooKeeperWire", "Consensus", "ZnodeTree", "PosixIO", "DurableLog", "ZnodeStore",
            "SnapshotFile", "ReplicaEngine", "PeerTransport", "Clustering", system, deque, logging,
        ],
        path: "Sources/Aviary", swiftSettings: house)
]

let tools: [Target] = [
    .executableTarget(
        name: "aviaryd",
        dependencies: [
            "CoreTypes", "DurableLog", "ReplicaEngine", "ZooKeeperServer", nioCore, nioPosix, logging, argumentParser,
            serviceLifecycle, unixSignals,
        ],
        path: "Tools/aviaryd", swiftSettings: house),
    .executableTarget(
        name: "aviaryctl", dependencies: ["ReplicaEngine", argumentParser], path: "Tools/aviaryctl",
        swiftSettings: house),
    .executableTarget(
        name: "simulate", dependencies: ["Simulation", "CoreTypes", argumentParser], path: "Tools/simulate",
        swiftSettings: house),
    .executableTarget(name: "house", path: "Tools/house", swiftSettings: house),
    .target(name: "CBenchmark", path: "Benchmarks/CBenchmark"),
    .target(
        name: "BenchmarkSupport", dependencies: ["CBenchmark", "CLMDB", "CoreTypes"],
        path: "Benchmarks/BenchmarkSupport", swiftSettings: house),
    .executableTarget(
        name: "aviary-bench",
        dependencies: ["BenchmarkSupport", "Aviary", "CoreTypes", argumentParser],
        path: "Benchmarks/aviary-bench", swiftSettings: house),
]

/// One test target per module, named after it, in a folder of its own.
func tests(_ module: String, _ more: Target.Dependency...) -> Target {
    .testTarget(
        name: "\(module)Tests", dependencies: [.target(name: module), "TestSupport"] + more,
        path: "Tests/\(module)Tests",
        resources: [], swiftSettings: house)
}

let verification: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["CoreTypes", "PosixIO", system], path: "Tests/TestSupport",
        swiftSettings: house),
    tests("CoreTypes"),
    tests("Checksums", "CoreTypes"),
    tests("Jute", "CoreTypes"),
    tests("ZooKeeperWire", "Jute", "CoreTypes"),
    tests("Consensus", "CoreTypes"),
    tests("PeerWire", "CoreTypes", "Consensus"),
    tests("ZnodeTree", "CoreTypes", "Jute", "ZooKeeperWire", "Checksums"),
    tests("PosixIO", "CoreTypes", system),
    tests("DurableLog", "PosixIO", "CoreTypes", "Checksums", system),
    tests("LMDB", "CoreTypes", "PosixIO", system),
    // A process whose system calls a test of the store records.
    .executableTarget(
        name: "store-workload", dependencies: ["CoreTypes", "ZnodeTree", "ZnodeStore", "ZooKeeperWire", system],
        path: "Tests/StoreWorkload", swiftSettings: house),
    // A program with an embedded store, which a test kills.
    .executableTarget(
        name: "embedded-workload", dependencies: ["Aviary"], path: "Tests/EmbeddedWorkload", swiftSettings: house),
    tests(
        "ZnodeStore", "store-workload", "LMDB", "SnapshotFile", "PosixIO", "ZnodeTree", "Jute", "ZooKeeperWire",
        "CoreTypes", "Checksums", system),
    tests("SnapshotFile", "PosixIO", "CoreTypes", "Checksums", system),
    tests(
        "ReplicaEngine", "Consensus", "PeerWire", "CoreTypes", "Jute", "ZooKeeperWire", "ZnodeTree", "PosixIO",
        "DurableLog", "ZnodeStore", "SnapshotFile", "Simulation", system),
    tests(
        "PeerTransport", "CoreTypes", "Consensus", "PeerWire", nioCore, nioPosix, logging),
    tests("Clustering", "CoreTypes", "Consensus", "PeerWire", "ReplicaEngine", logging),
    tests("Simulation", "CoreTypes", "ZooKeeperWire", "Consensus"),
    tests(
        "ZooKeeperServer", "CoreTypes", "Jute", "ZooKeeperWire", "ReplicaEngine", "ZnodeTree", nioCore, nioPosix,
        logging),
    tests("Aviary", "CoreTypes", "ZooKeeperWire", system),
    tests("BenchmarkSupport", "CoreTypes", "ZooKeeperWire"),
    tests("house"),
]

let package = Package(
    name: "aviary",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Aviary", targets: ["Aviary"]),
        .executable(name: "aviaryd", targets: ["aviaryd"]),
        .executable(name: "aviaryctl", targets: ["aviaryctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: core + storage + engine + network + facade + tools + verification
)
