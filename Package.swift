// swift-tools-version: 6.2
import PackageDescription

// Rooms and their floors are described in CONTRIBUTING.md; `tools/check-imports` holds the sources to them.

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The two rooms that hold pointers: every unsafe expression is marked there.
let pointerRoom: [SwiftSetting] = house + [.strictMemorySafety()]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

func room(
  _ name: String, _ dependencies: [Target.Dependency], path: String? = nil,
  settings: [SwiftSetting] = house
) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)",
    swiftSettings: house)
}

let package = Package(
  name: "freshet",
  products: [
    .library(name: "Freshet", targets: ["Freshet"]),
    .executable(name: "freshet", targets: ["CLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Floor 0: arithmetic.
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // -O3 also in debug builds: the kernels stay fast while the Swift code is debuggable.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    room("Tensors", ["CKernels", "COpenBLAS"], settings: pointerRoom),

    room("Reports", []),

    // Floor 1: text to embeddings, embeddings to neighbours.
    room("Encoder", ["Tensors", crypto]),
    .target(
      name: "FaissShim", dependencies: ["CKernels"], path: "Index/FaissShim",
      linkerSettings: ["faiss", "openblas", "gomp", "m"].map { .linkedLibrary($0) }),
    room(
      "VectorIndex", ["FaissShim", "Tensors", crypto], path: "Index/VectorIndex",
      settings: pointerRoom),

    // Floor 2: what is done with embeddings, and where they are kept.
    room("Corrector", ["Tensors"]),
    room("Mining", ["Tensors", "VectorIndex"]),
    room("Evaluation", ["Tensors"]),
    room("Store", [grdb, crypto]),

    // Floor 3: learning.
    room("Training", ["Encoder", "Corrector", "Evaluation", "Reports", "Tensors", crypto]),

    // Floor 4: the library people import, and the HTTP service (which knows no room of ours).
    room(
      "Freshet",
      [
        "Encoder", "Corrector", "Mining", "Evaluation", "Training", "Store", "VectorIndex",
        "Tensors", "Reports", "CZlib", crypto,
      ]),
    room(
      "Service", [hummingbird, httpTypes, lifecycle, signals, nioPosix, nioCore, logging]),

    // Floor 5: the command.
    .executableTarget(
      name: "CLI", dependencies: ["Freshet", "Service", arguments, logging], swiftSettings: house),

    // Not part of the product: the quality experiments, see tools/bench/quality/run.
    .executableTarget(
      name: "training-experiments", dependencies: ["Training", "Evaluation", "Encoder", "Reports", "Tensors"],
      path: "tools/bench/quality/Sources", swiftSettings: house),

    // Tests, one folder per room.
    .target(
      name: "TestSupport", dependencies: ["Tensors"], path: "Tests/TestSupport",
      swiftSettings: house),
    tests("TensorsTests", ["Tensors"]),
    tests("ReportsTests", ["Reports", "Tensors"]),
    tests("EncoderTests", ["Encoder", "Tensors"]),
    tests("VectorIndexTests", ["VectorIndex", "Tensors"]),
    tests("CorrectorTests", ["Corrector", "Tensors"]),
    tests("MiningTests", ["Mining", "VectorIndex", "Tensors"]),
    tests("EvaluationTests", ["Evaluation"]),
    tests("StoreTests", ["Store", grdb]),
    tests("TrainingTests", ["Training", "Encoder", "Corrector", "Evaluation", "Reports", "Tensors"]),
    tests("ServiceTests", ["Service", logging, nioCore]),
    tests(
      "FreshetTests",
      ["Freshet", "Tensors", "Encoder", "Store", "VectorIndex", "Reports", grdb]),
    tests("CLITests", ["CLI", "Freshet", arguments]),
    tests("EndToEndTests", ["Freshet"]),
    .testTarget(
      name: "TrainingExperimentsTests",
      dependencies: ["training-experiments", "Training", "Encoder", "Tensors", "TestSupport"],
      path: "tools/bench/quality/Tests", swiftSettings: house),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
