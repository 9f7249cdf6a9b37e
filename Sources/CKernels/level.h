// What every instruction level shares: the table of kernels it fills. See dispatch.c.
#pragma once
#include "ckernels.h"
#include "kernel_list.h"

// One pointer per kernel, with the signature of its ck_ function.
typedef struct {
#define FIELD(type, name, parameters, arguments) type(*name) parameters;
  CK_KERNELS(FIELD)
  CK_LEVELLED_KERNELS(FIELD)
#undef FIELD
} ck_kernels;

extern const ck_kernels ck_kernels_portable;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
#endif

// Query rows of a tile of attention's backward pass; see attention_scratch.c.
size_t ck_attention_tile(size_t length);
