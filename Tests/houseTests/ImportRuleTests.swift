import Testing

@testable import house

@Suite struct ImportRuleTests {
    @Test(
        "an import that the table does not allow is a finding",
        arguments: [
            (coreFile, "import Foundation"), (coreFile, "import LMDB"), (coreFile, "import Glibc"),
            (coreFile, "package import PosixIO"), (coreFile, "@_exported import Dispatch"),
            (storageFile, "import NIOCore"), (storageFile, "import Consensus"), (storageFile, "import Glibc"),
            (storageFile, "internal import struct Foundation.Data"),
            ("Sources/Core/Consensus/Sample.swift", "import Synchronization"),
            ("Sources/Engine/ReplicaEngine/Sample.swift", "import NIOCore"),
            (networkFile, "import LMDB"), (networkFile, "import DurableLog"),
            (facadeFile, "import NIOCore"), (facadeFile, "import Foundation"),
            ("Sources/Core/Newcomer/Sample.swift", "import CoreTypes"),
            ("Stray.swift", "import CoreTypes"),
        ])
    func refused(path: String, text: String) {
        #expect(rules(path, text) == ["import"])
    }

    @Test(
        "an import that the table allows is none",
        arguments: [
            (coreFile, "package import Checksums\nimport ZooKeeperWire\nimport Swift"),
            (storageFile, "package import PosixIO\nimport SystemPackage"),
            ("Sources/Storage/PosixIO/Sample.swift", "import Glibc\nimport CPosix\nimport CoreTypes"),
            (networkFile, "import NIOCore\nimport Logging\nimport Crypto\nimport ReplicaEngine"),
            (toolFile, "import NIOPosix\nimport ArgumentParser\nimport Foundation"),
            (testFile, "import Testing\n@testable import DurableLog\nimport TestSupport"),
            ("Package.swift", "import PackageDescription"),
            (coreFile, "// import Foundation\nlet text = \"import Foundation\"\ncall(import: 1)"),
        ])
    func permitted(path: String, text: String) {
        #expect(rules(path, text) == [])
    }

    @Test("the table has no arrow that points up, and no cycle")
    func layers() {
        let order = [
            "CoreTypes", "CChecksums", "Checksums", "Jute", "ZooKeeperWire", "Consensus", "PeerWire", "ZnodeTree",
            "CPosix",
            "PosixIO", "DurableLog", "CLMDB", "LMDB", "CLZ4", "SnapshotFile", "ZnodeStore", "ReplicaEngine",
            "Simulation", "PeerTransport", "Clustering", "ZooKeeperServer", "ZooKeeperClient", "Aviary",
        ]
        for (module, imports) in ImportTable.allowed {
            guard let rank = order.firstIndex(of: module) else {
                Issue.record("\(module) has no place in the order of layers")
                continue
            }
            for imported in imports {
                if let below = order.firstIndex(of: imported) { #expect(below < rank, "\(module) imports \(imported)") }
            }
        }
    }
}
