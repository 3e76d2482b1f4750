// SPDX-License-Identifier: BSL-1.0
// `step`, which is in atomic.hpp because the model checker replaces both.
#pragma once

#include "base/atomic.hpp"
