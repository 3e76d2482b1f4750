// SPDX-License-Identifier: BSL-1.0
// The same program as C++.
#include "program.c"
