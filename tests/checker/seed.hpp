// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

#include "checker/budget.hpp"
#include "checker/choice_path.hpp"

namespace admit::model {

/// Identifies an execution of a test: `<test>-<limits>-<choices>`, for example `3fa2-d230-01Z7.1`.
/// The limits are part of the seed, because the alternatives of a choice depend on them.
struct seed {
    std::string test;     ///< hash of the test's name
    bool reduce = false;  ///< `d`: depth-first with reduction; `r`: without
    budget limits;
    choice_path choices;

    static std::string hash(std::string_view test_name);
    [[nodiscard]] std::string encode() const;
    /// Throws std::invalid_argument if the text is no seed.
    static seed decode(std::string_view text);
};

}  // namespace admit::model
