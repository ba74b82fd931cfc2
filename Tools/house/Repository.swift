import Foundation

/// What the rules look at: the text files of a checkout and the names of its top level.
struct Repository {
    var files: [SourceFile]
    /// Folders and files of the top level, hidden ones included, ignored ones not.
    var topLevel: [String]

    /// Names that are not the repository's: build products, environments, data directories.
    ///
    /// The same as in `.gitignore`; a name that begins with `.build` is a scratch folder of the package manager.
    static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".build") || ignored.contains(name) || name.hasSuffix(".profraw")
    }

    private static let ignored: Set<String> = [
        ".git", ".swiftpm", ".venv", ".aviary", ".aviary-bench", "__pycache__", ".pytest_cache", "Package.resolved",
    ]

    init(files: [SourceFile], topLevel: [String]) {
        self.files = files
        self.topLevel = topLevel
    }

    /// Reads every text file below `root`. A file with a zero byte near its start is not text.
    init(readingFrom root: String) throws {
        let manager = FileManager.default
        files = []
        topLevel = try manager.contentsOfDirectory(atPath: root).filter { !Repository.isIgnored($0) }.sorted()
        var folders: [String] = [""]
        while let folder = folders.popLast() {
            for name in try manager.contentsOfDirectory(atPath: "\(root)/\(folder)") where !Repository.isIgnored(name) {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                var isFolder: ObjCBool = false
                guard manager.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder) else { continue }
                if isFolder.boolValue {
                    folders.append(path)
                } else if let contents = manager.contents(atPath: "\(root)/\(path)") {
                    guard !contents.prefix(1_024).contains(0) else { continue }
                    files.append(SourceFile(path: path, bytes: [UInt8](contents)))
                }
            }
        }
        files.sort { $0.path < $1.path }
    }
}
