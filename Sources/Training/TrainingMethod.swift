/// How the gradient of an update is come by in the memory there is.
public enum TrainingMethod: String, Sendable, Codable, CaseIterable {
  /// The whole batch in one pass: fastest; memory grows with the batch.
  case inBatch = "in-batch"
  /// Gradients of micro-batches added up: little memory, but a query sees the passages of its own
  /// micro-batch only.
  case gradAccum = "grad-accum"
  /// The gradient of the whole batch, encoded twice in chunks (GradCache, Gao et al. 2021): the
  /// memory of one chunk, a third more time.
  case gradCache = "grad-cache"
  /// Micro-batches that also see the embeddings of those before them, queries and passages, from a
  /// memory bank (ContAccum, Kim et al. 2024): the memory and time of ``gradAccum``, many negatives.
  case contAccum = "cont-accum"
}

/// Whether queries and passages are encoded by the same weights.
public enum TowerTying: String, Sendable, Codable, CaseIterable {
  /// One encoder for both.
  case tied
  /// Two encoders of one architecture, which start from the same weights (DPR).
  case untied
}

/// How long embeddings stay in the memory bank.
public enum BankScope: String, Sendable, Codable, CaseIterable {
  /// Cleared after each update: micro-batches see those of their own update.
  case update
  /// Kept until newer ones push them out.
  case run
}

/// What the memory bank holds.
public enum BankSides: String, Sendable, Codable, CaseIterable {
  /// Queries and passages of the same examples: the dual bank of ContAccum.
  case both
  /// Passages only: pre-batch negatives (DensePhrases, Lee et al. 2021).
  case passages
}

/// What the sum of the rows' losses is divided by.
public enum LossNormaliser: String, Sendable, Codable, CaseIterable {
  /// All rows, those of the bank included (ContAccum, eq. 8): gradients shrink as the bank fills.
  case allRows = "all-rows"
  /// The rows of the micro-batch.
  case localRows = "local-rows"
}

/// What becomes of the pairs at the end of an epoch that fill no batch.
public enum ShortBatch: String, Sendable, Codable, CaseIterable {
  /// They wait for another epoch, which has an order of its own.
  case dropped
  /// They make a smaller batch whose gradient weighs less in proportion.
  case scaled
}

/// How the learning rate goes on after its rise.
public enum RateDecay: String, Sendable, Codable, CaseIterable {
  /// In a straight line to 0.
  case linear
  /// Along half a cosine to 0.
  case cosine
  /// Not at all.
  case constant
}
