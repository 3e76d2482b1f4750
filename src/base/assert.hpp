// SPDX-License-Identifier: BSL-1.0
// ADMIT_ASSERT, which is in atomic.hpp because the model checker replaces both.
#pragma once

#include "base/atomic.hpp"
