import Glibc

/// Where the data of a run lies.
package enum ScratchDirectory {
    /// Makes a directory with all that are above it, for the owner alone.
    package static func make(_ path: String) throws {
        var current = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            current += "/\(part)"
            if mkdir(current, 0o700) != 0 && errno != EEXIST { throw BenchmarkError.system("make directory", current) }
        }
    }

    /// Removes a directory and everything in it; what cannot be removed stays.
    package static func remove(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        closedir(directory)
        for name in names {
            var information = stat()
            let child = "\(path)/\(name)"
            if lstat(child, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
                remove(child)
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }

    /// The absolute path of a directory that exists.
    package static func absolute(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw BenchmarkError.system("find", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The path of this program.
    package static var ownProgram: String { (try? absolute("/proc/self/exe")) ?? "/proc/self/exe" }

    /// The program of another name beside this one.
    package static func sibling(_ name: String) -> String {
        ownProgram.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
    }

    /// Makes the directory of a run, refusing one that keeps nothing.
    package static func prepare(_ path: String) throws -> String {
        try make(path)
        let absolutePath = try absolute(path)
        guard !MachineDescription.isMemory(absolutePath) else {
            rmdir(absolutePath)  // goes only when it is empty
            throw BenchmarkError(
                "\(absolutePath) is in memory, where nothing is durable: give --directory on a real disk")
        }
        return absolutePath
    }
}
