@testable import house

/// The rules that fire on one Swift text, in order, without those about the repository as a whole.
func rules(_ path: String, _ text: String) -> [String] {
    let source = SwiftSource(SourceFile(path, text))
    let findings = ImportRule.check(source) + BanRule.check(source) + SendableRule.check(source)
    return findings.sorted().map(\.rule)
}

let coreFile = "Sources/Core/ZnodeTree/Sample.swift"
let storageFile = "Sources/Storage/DurableLog/Sample.swift"
let networkFile = "Sources/Network/ZooKeeperServer/Sample.swift"
let facadeFile = "Sources/Aviary/Sample.swift"
let toolFile = "Tools/aviaryd/Sample.swift"
let testFile = "Tests/DurableLogTests/Sample.swift"

/// `count` lines of a function's body.
func statements(_ count: Int) -> String {
    String(repeating: "    step()\n", count: count)
}
