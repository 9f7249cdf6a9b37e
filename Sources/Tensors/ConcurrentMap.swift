extension Array where Element: Sendable {
  /// The results of `transform`, in order, computed on all threads.
  public func concurrentMap<Result: Sendable>(
    _ transform: @Sendable (Element) -> Result
  ) -> [Result] {
    unsafe [Result](unsafeUninitializedCapacity: count) { slots, initialized in
      let results = unsafe SharedSlots(slots)
      Threads.forEach(count) { i in
        unsafe (results.slots.baseAddress! + i).initialize(to: transform(self[i]))  // i < count
      }
      initialized = count
    }
  }
}
