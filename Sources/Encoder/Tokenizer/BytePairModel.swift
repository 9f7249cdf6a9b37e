/// Byte-pair encoding (Sennrich et al. 2016): pieces are spelled scalar by scalar, then the pair of
/// neighbours that was learnt first is merged, again and again.
struct BytePairModel: Sendable {
  /// A pair of tokens that become one.
  struct Merge: Sendable, Equatable {
    var left: Int32
    var right: Int32
    var merged: Int32
  }

  /// What the model does with scalars it has no token for, and around words.
  struct Options: Sendable, Equatable {
    /// Stands for a scalar without a token; without it such scalars vanish (`unk_token`).
    var unknownID: Int32?
    /// One id for a run of unknown scalars (`fuse_unk`).
    var fusesUnknown = false
    /// Ids of `<0x00>` to `<0xFF>`, -1 where there is none; empty when bytes are not spelled
    /// (`byte_fallback`).
    var byteIDs: [Int32] = []
    /// Opens the spelling of every scalar but the first (`continuing_subword_prefix`).
    var continuationPrefix: [UInt8] = []
    /// Closes the spelling of the last scalar (`end_of_word_suffix`).
    var wordSuffix: [UInt8] = []
    /// A piece that is a token is that token, merges or not (`ignore_merges`).
    var takesWholeTokens = false
  }

  let options: Options
  private var tokens = ByteTrie()
  /// Tokens of one scalar, -1 for none.
  private var scalarIDs = ScalarTable<Int32>(repeating: -1)
  private var merges: PairTable

  /// Pieces of more symbols are merged with a heap.
  private static let fewSymbols = 24

  /// - Parameters:
  ///   - vocabulary: tokens as UTF-8 bytes with their ids, each token once.
  ///   - merges: in the order they were learnt; of equal pairs the last counts.
  init(vocabulary: [(token: [UInt8], id: Int32)], merges list: [Merge], options: Options) {
    self.options = options
    for (token, id) in vocabulary where !token.isEmpty {
      tokens.insert(token, value: id)
      let (scalar, length) = token.scalar(at: 0)
      if length == token.count { scalarIDs[scalar] = id }
    }
    merges = PairTable(capacity: list.count)
    for (rank, merge) in list.enumerated() {
      merges.insert(merge.left, merge.right, rank: rank, merged: merge.merged)
    }
  }

  /// Appends the ids of the piece `text[range]`, valid UTF-8.
  ///
  /// - Complexity: O(n log n) for a piece of n scalars.
  func appendIDs(of text: [UInt8], _ range: Range<Int>, to ids: inout [Int32]) {
    if range.isEmpty { return }
    if options.takesWholeTokens, let id = tokens[text[range]] { return ids.append(id) }
    let first = ids.count
    spell(text, range, into: &ids)
    if ids.count - first <= Self.fewSymbols {
      mergeFew(&ids, from: first)
    } else {
      mergeMany(&ids, from: first)
    }
  }

  /// Appends the ids of the scalars.
  private func spell(_ text: [UInt8], _ range: Range<Int>, into ids: inout [Int32]) {
    let isPlain = options.continuationPrefix.isEmpty && options.wordSuffix.isEmpty
    var isUnknownPending = false
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, length) = text.scalar(at: position)
      let end = position + length
      let spelling = isPlain ? [] : self.spelling(of: text, position..<end, in: range)
      let id = isPlain ? scalarIDs[scalar] : tokens[spelling] ?? -1
      defer { position = end }
      if id >= 0 {
        flushUnknown(&isUnknownPending, &ids)
        ids.append(id)
      } else if !appendBytes(isPlain ? text[position..<end] : spelling[...], to: &ids) {
        // As the reference has it, an unknown scalar waits for the next one that has a token,
        // and bytes that are spelled in between stand before it.
        if !options.fusesUnknown { flushUnknown(&isUnknownPending, &ids) }
        isUnknownPending = options.unknownID != nil
      }
    }
    flushUnknown(&isUnknownPending, &ids)
  }

  private func flushUnknown(_ isPending: inout Bool, _ ids: inout [Int32]) {
    if isPending, let unknown = options.unknownID { ids.append(unknown) }
    isPending = false
  }

  /// A scalar with what its place in the word puts around it.
  private func spelling(
    of text: [UInt8], _ scalar: Range<Int>, in word: Range<Int>
  ) -> [UInt8] {
    let prefix = scalar.lowerBound == word.lowerBound ? [] : options.continuationPrefix
    let suffix = scalar.upperBound == word.upperBound ? options.wordSuffix : []
    return prefix + text[scalar] + suffix
  }

  /// Spells bytes one by one; false when one of them has no token.
  private func appendBytes(_ bytes: ArraySlice<UInt8>, to ids: inout [Int32]) -> Bool {
    guard !options.byteIDs.isEmpty else { return false }
    let spelled = bytes.map { options.byteIDs[Int($0)] }
    if spelled.contains(-1) { return false }
    ids.append(contentsOf: spelled)
    return true
  }

  /// Merges the symbols from `first` on by looking at all pairs each time.
  private func mergeFew(_ ids: inout [Int32], from first: Int) {
    while ids.count - first > 1 {
      var best: (rank: Int, place: Int, merged: Int32)?
      for place in first..<(ids.count - 1) {
        guard let found = merges[ids[place], ids[place + 1]] else { continue }
        if best.map({ found.rank < $0.rank }) ?? true { best = (found.rank, place, found.merged) }
      }
      guard let best else { return }
      ids[best.place] = best.merged
      ids.remove(at: best.place + 1)
    }
  }

  /// Merges the symbols from `first` on with a heap of pairs: lowest rank first, leftmost first.
  private func mergeMany(_ ids: inout [Int32], from first: Int) {
    var symbols = SymbolList(ids[first...])
    var heap = MinimumHeap()
    func push(_ place: Int) {
      guard let (left, right) = symbols.pair(at: place), let found = merges[left, right] else {
        return
      }
      heap.push(UInt64(found.rank) << 32 | UInt64(place))
    }
    for place in symbols.ids.indices { push(place) }
    while let top = heap.pop() {
      let place = Int(top & 0xFFFF_FFFF)
      // Entries whose pair has been merged into another since are passed over.
      guard let (left, right) = symbols.pair(at: place), let found = merges[left, right],
        found.rank == Int(top >> 32)
      else { continue }
      symbols.merge(at: place, into: found.merged)
      if let before = symbols.place(before: place) { push(before) }
      push(place)
    }
    ids.replaceSubrange(first..., with: symbols.ids.filter { $0 >= 0 })
  }
}

/// Symbols of a word, linked to their neighbours; a merged one takes the place of its left half,
/// and the right half is -1.
private struct SymbolList {
  private(set) var ids: [Int32]
  private var next: [Int32]
  private var previous: [Int32]

  init(_ symbols: ArraySlice<Int32>) {
    ids = Array(symbols)
    let count = Int32(symbols.count)
    next = (0..<count).map { $0 + 1 < count ? $0 + 1 : -1 }
    previous = (0..<count).map { $0 - 1 }
  }

  func pair(at place: Int) -> (Int32, Int32)? {
    guard ids[place] >= 0, next[place] >= 0 else { return nil }
    return (ids[place], ids[Int(next[place])])
  }

  func place(before place: Int) -> Int? { previous[place] < 0 ? nil : Int(previous[place]) }

  /// Merges the symbol at `place`, which has one after it, with that.
  mutating func merge(at place: Int, into merged: Int32) {
    let right = Int(next[place])
    ids[place] = merged
    ids[right] = -1
    next[place] = next[right]
    if next[right] >= 0 { previous[Int(next[right])] = Int32(place) }
  }
}
