/// One entry of a znode's access list: who may do what. Rules are not inherited by children.
public struct AccessRule: Hashable, Sendable {
    /// What a rule allows.
    public struct Permissions: OptionSet, Hashable, Sendable {
        /// ZooKeeper's bits.
        public var rawValue: Int32

        /// From ZooKeeper's bits.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Read its data and list its children.
        public static let read = Permissions(rawValue: 1)
        /// Set its data.
        public static let write = Permissions(rawValue: 2)
        /// Create children.
        public static let create = Permissions(rawValue: 4)
        /// Delete children.
        public static let delete = Permissions(rawValue: 8)
        /// Set its access rules.
        public static let admin = Permissions(rawValue: 16)
        /// All of them.
        public static let all: Permissions = [.read, .write, .create, .delete, .admin]
    }

    /// What the rule allows.
    public var permissions: Permissions
    /// `world`, `digest`, `ip`, ...
    public var scheme: String
    /// Who, in the scheme's own form: `anyone`, `user:base64(sha1(user:password))`, an address with a prefix length.
    public var identity: String

    /// A rule for one identity.
    public init(_ permissions: Permissions, scheme: String, identity: String) {
        self.permissions = permissions
        self.scheme = scheme
        self.identity = identity
    }

    /// Anyone may do anything: what a znode gets if nothing is said.
    public static let open = AccessRule(.all, scheme: "world", identity: "anyone")
    /// Anyone may read.
    public static let readable = AccessRule(.read, scheme: "world", identity: "anyone")
}
