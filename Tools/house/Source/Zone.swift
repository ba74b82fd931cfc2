/// The layer and the module that a file belongs to, told from its path.
struct Zone: Equatable {
    enum Layer: String {
        case core, storage, engine, network, facade, tool, benchmark, test, package
    }

    var layer: Layer
    var module: String

    /// Nil for a path that holds no module's sources.
    init?(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "Package.swift" where parts.count == 1: self.init(.package, "Package")
        case "Sources" where parts.count >= 4 && Zone.layers[parts[1]] != nil:
            self.init(Zone.layers[parts[1]] ?? .core, parts[2])
        case "Sources" where parts.count >= 3: self.init(.facade, parts[1])
        case "Tools" where parts.count >= 3: self.init(.tool, parts[1])
        case "Benchmarks" where parts.count >= 3: self.init(.benchmark, parts[1])
        case "Tests" where parts.count >= 3: self.init(.test, parts[1])
        default: return nil
        }
    }

    private init(_ layer: Layer, _ module: String) {
        self.layer = layer
        self.module = module
    }

    private static let layers: [String: Layer] = [
        "Core": .core, "Storage": .storage, "Engine": .engine, "Network": .network,
    ]

    /// Core, Storage, Engine and Network: where the strict rules hold.
    var isInside: Bool {
        switch layer {
        case .core, .storage, .engine, .network: true
        case .facade, .tool, .benchmark, .test, .package: false
        }
    }
}
