public import Foundation
internal import Store
internal import Synchronization
public import Tensors
internal import VectorIndex

/// A collection of passages and their embeddings: one folder on disk.
///
/// It holds *generations*: one embedding for every passage, all in the space of one encoder. One
/// generation is active; every verb that changes embeddings builds another beside it and then
/// moves one pointer, so a search sees the old one whole or the new one whole.
///
/// Thread-safe. One process opens a collection for writing at a time, any number for reading; a
/// reading process notices within a search that another one swapped generations.
public final class PassageCollection: Sendable {
  /// The folder.
  public let folder: URL
  let store: Store
  let now: @Sendable () -> Date
  let notice: NoticeHandler
  /// What queries are encoded in, by an encoder that is read from the collection.
  public let precision: Precision
  let state = Mutex(LoadedState())
  /// Held while the active generation is read anew: of many searches that notice a swap, one loads.
  let reload = Mutex(())
  /// Held by a verb that builds a generation: one at a time in this process, as the store's lock
  /// makes it one process at a time. Passages may change meanwhile: a row whose text is another by
  /// then gets no embedding and stays pending.
  private let writing = Mutex(())

  /// What is kept in memory between calls.
  struct LoadedState {
    var active: ActiveGeneration?
    var encoders: [String: TextEncoder] = [:]
    var status: (version: Int, value: CollectionStatus)?
  }

  private init(
    store: Store, precision: Precision = .float32, now: @escaping @Sendable () -> Date,
    notice: @escaping NoticeHandler
  ) {
    folder = store.folder
    self.store = store
    self.precision = precision
    self.now = now
    self.notice = notice
  }

  /// Opens a collection for reading.
  ///
  /// - Parameters:
  ///   - precision: what queries are encoded in, whatever their passages were.
  ///   - now: the clock that stamps what is written.
  ///   - notice: told in a line what was mended on the way, such as a damaged index rebuilt.
  /// - Throws: `StoreError` when the folder is no collection or its database is damaged.
  public static func open(
    _ folder: URL, precision: Precision = .float32,
    now: @escaping @Sendable () -> Date = { Date() }, notice: @escaping NoticeHandler = { _ in }
  ) throws -> PassageCollection {
    PassageCollection(
      store: try Store.open(at: folder, access: .reading), precision: precision, now: now,
      notice: notice)
  }

  /// Opens a collection for writing and clears away what an interrupted run left behind.
  ///
  /// - Throws: `StoreError`: `locked` when another process writes it, or as ``open(_:precision:now:notice:)``.
  public static func openForWriting(
    _ folder: URL, now: @escaping @Sendable () -> Date = { Date() },
    notice: @escaping NoticeHandler = { _ in }
  ) throws -> PassageCollection {
    let store = try Store.open(at: folder, access: .writing)
    _ = try store.collectGarbage()
    return PassageCollection(store: store, now: now, notice: notice)
  }

  /// Makes an empty collection and opens it for writing.
  ///
  /// - Throws: `StoreError.alreadyExists` when something is in the folder.
  public static func create(
    _ folder: URL, now: @escaping @Sendable () -> Date = { Date() },
    notice: @escaping NoticeHandler = { _ in }
  ) throws -> PassageCollection {
    PassageCollection(store: try Store.create(at: folder, now: now()), now: now, notice: notice)
  }

  /// Opens a collection for writing, making it first when there is none.
  public static func openOrCreate(
    _ folder: URL, now: @escaping @Sendable () -> Date = { Date() },
    notice: @escaping NoticeHandler = { _ in }
  ) throws -> PassageCollection {
    let database = folder.appendingPathComponent("freshet.sqlite").path
    return FileManager.default.fileExists(atPath: database)
      ? try openForWriting(folder, now: now, notice: notice)
      : try create(folder, now: now, notice: notice)
  }

  /// Runs a verb that builds a generation, after the one that is running.
  func exclusively<Result: Sendable>(_ verb: () throws -> Result) throws -> Result {
    try writing.withLock { _ in try verb() }
  }

  /// Number of passages.
  public var passageCount: Int { get throws { try store.passageCount } }
}
