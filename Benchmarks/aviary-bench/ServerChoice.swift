import ArgumentParser
import BenchmarkSupport

/// Which program a server's name stands for.
struct ServerChoice: ParsableArguments {
    @Option(help: "The aviaryd to start; the one beside this tool when left out.")
    var aviaryd: String?
    @Option(
        name: .customLong("aviaryd-argument"), parsing: .unconditionalSingleValue,
        help: "A further argument for aviaryd; may be repeated.")
    var aviarydArguments: [String] = []

    /// The recipes for a list of names, separated by commas, each of them for so many replicas; the floor has one.
    func recipes(_ list: String, replicaCount: Int, valueByteCount: Int) throws -> [ServerRecipe] {
        // `NAME=HOST:PORT,HOST:PORT` holds commas of its own: what looks like an address belongs to the name before it.
        var words: [String] = []
        for word in list.split(separator: ",").map(String.init) {
            if let last = words.last, last.contains("="), word.contains(":"), !word.contains("=") {
                words[words.count - 1] += ",\(word)"
            } else {
                words.append(word)
            }
        }
        var recipes = try words.map { try recipe($0) }
        guard !recipes.isEmpty, Set(recipes.map(\.name)).count == recipes.count else {
            throw BenchmarkError("name at least one server, and none twice")
        }
        for index in recipes.indices {
            recipes[index].valueByteCount = valueByteCount
            if recipes[index].program != .floor { recipes[index].replicaCount = replicaCount }
        }
        return recipes
    }

    /// The recipe for one name.
    func recipe(_ text: String) throws -> ServerRecipe {
        if let equals = text.firstIndex(of: "=") {
            let addresses = try text[text.index(after: equals)...].split(separator: ",").map {
                try ServerAddress(parsing: String($0))
            }
            return ServerRecipe(name: String(text[..<equals]), program: .running(addresses))
        }
        switch text {
        case "zookeeper": return ServerRecipe(name: text, program: .zooKeeper(isTuned: false))
        case "zookeeper-tuned": return ServerRecipe(name: text, program: .zooKeeper(isTuned: true))
        case "floor": return ServerRecipe(name: text, program: .floor)
        case "aviaryd":
            let path = aviaryd ?? ScratchDirectory.sibling("aviaryd")
            return ServerRecipe(name: text, program: .aviaryd(path: path, arguments: aviarydArguments))
        default:
            throw BenchmarkError(
                "'\(text)' is not a server: aviaryd, zookeeper, zookeeper-tuned, floor or NAME=HOST:PORT")
        }
    }
}
