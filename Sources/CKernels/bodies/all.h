// The bodies of all kernels. Included once per instruction level, by kernels_*.c, which say what
// they are compiled for; each inclusion defines one table.

// A kernel body: private to its level, reached through the table only.
#define CK_BODY(type, name) static type body_##name

// Sums may be reassociated and multiply-adds fused in the block where this stands.
#define CK_RELAXED _Pragma("clang fp reassociate(on) contract(fast)")

// clang-format off: special.h comes first, the others use it.
#include "special.h"
#include "activation.h"
#include "adam.h"
#include "dropout.h"
#include "layer_norm.h"
#include "linear.h"
#include "linear_f32.h"
#include "quantize.h"
#include "linear_s16.h"
#include "head_panels.h"
#include "head_products.h"
#include "head_weights.h"
#include "attention.h"
#include "attention_backward.h"
#include "reductions.h"
#include "rows.h"
#include "softmax.h"
#include "rotate.h"
#include "codes.h"
#include "graph_walk.h"
// clang-format on

#define BODY(type, name, parameters, arguments) .name = body_##name,
const ck_kernels CK_TABLE = {CK_KERNELS(BODY) CK_LEVELLED_KERNELS(BODY)};
#undef BODY
