import Glibc
import ZooKeeperServer

/// What `envi` shows of machine and process, under the keys that ZooKeeper uses where it has them.
enum ProcessEnvironment {
    static var entries: [ServerConfiguration.EnvironmentEntry] {
        var system = utsname()
        uname(&system)
        var entries = [ServerConfiguration.EnvironmentEntry("host.name", text(system.nodename))]
        entries.append(.init("os.name", text(system.sysname)))
        entries.append(.init("os.arch", text(system.machine)))
        entries.append(.init("os.version", text(system.release)))
        if let user = getpwuid(getuid()) {
            entries.append(.init("user.name", String(cString: user.pointee.pw_name)))
            entries.append(.init("user.home", String(cString: user.pointee.pw_dir)))
        }
        if let directory = getcwd(nil, 0) {
            entries.append(.init("user.dir", String(cString: directory)))
            free(directory)
        }
        entries.append(.init("process.id", String(getpid())))
        return entries
    }

    /// The characters of a fixed array up to its first zero.
    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
