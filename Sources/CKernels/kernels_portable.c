// The kernels for any machine: what the compiler's baseline for the architecture allows.
#include <math.h>
#include <string.h>

#include "level.h"

#define CK_TABLE ck_kernels_portable
#include "bodies/all.h"
