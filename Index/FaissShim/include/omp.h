// FAISS's HNSW header includes <omp.h>, which Swift's clang does not ship. Only the names it uses
// in signatures are needed: the shim calls no function that takes them, and FAISS itself was
// compiled with the real header. Not part of the FaissShim module.
#pragma once

typedef struct {
  unsigned char opaque[4];
} omp_lock_t;
