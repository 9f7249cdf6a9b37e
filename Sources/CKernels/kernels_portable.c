// The kernels for any machine: what the compiler's baseline for the architecture allows. CK_PLAIN
// leaves out what is written for one architecture, so that tools/check-kernels can run the rest.
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "level.h"

#define CK_TABLE ck_kernels_portable
#include "bodies/all.h"
